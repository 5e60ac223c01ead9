import StrictJSON

/// The way from a document's root to a schema in it. Schemas below share it, so that depth costs a node for each of them
/// and not the whole way.
final class SchemaPath: Sendable {
    let parent: SchemaPath?
    let token: String

    init(_ parent: SchemaPath?, _ token: String) {
        self.parent = parent
        self.token = token
    }
}

extension JSONPointer {
    /// The tokens of a path from its root on, without the first few.
    init(_ path: SchemaPath?, without first: Int = 0) {
        var tokens: [String] = []
        var step = path
        while let here = step {
            tokens.append(here.token)
            step = here.parent
        }
        self.init(Array(tokens.reversed().dropFirst(first)))
    }
}

/// Where a schema stands: the URI of its resource, and the way inside it. Becomes text where a failure is told.
struct SchemaPlace: Sendable {
    var resource: String
    var path: SchemaPath?
    /// How many steps of the path lead to the resource.
    var above: Int

    /// The URI with the way as its fragment.
    var text: String { resource + "#" + URIReference.encode(JSONPointer(path, without: above).description) }
}
