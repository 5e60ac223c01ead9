internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// One schema, and the document that its references start from.
struct SchemaPart: Sendable {
    var schema: JSONValue
    var document: String

    /// The schema behind one of this one's keywords.
    func behind(_ keyword: String) -> SchemaPart? {
        schema[keyword].map { SchemaPart(schema: $0, document: document) }
    }

    /// The schemas in the list behind one of this one's keywords.
    func list(_ keyword: String) -> [SchemaPart] {
        (schema[keyword].map { Array($0.elements) } ?? []).map { SchemaPart(schema: $0, document: document) }
    }
}

/// The embedded schemas as they are written, to be read for their texts; what is compiled has none.
struct SchemaDocuments: Sendable {
    private let documents: [String: JSONValue]

    /// Reads the schemas of the header and of every type. What cannot be read is absent.
    init() {
        var documents: [String: JSONValue] = [:]
        for name in ["header", "common"] + MessageType.allCases.map(\.rawValue) {
            guard let bytes = EmbeddedDocuments.schema(name, major: "1"), let document = try? JSONDocument(bytes) else {
                continue
            }
            documents["urn:simpul:schema:\(name)/1"] = document.root
        }
        self.documents = documents
    }

    /// The schema of the header, or of a body.
    func root(_ name: String) -> SchemaPart? {
        let uri = "urn:simpul:schema:\(name)/1"
        return documents[uri].map { SchemaPart(schema: $0, document: uri) }
    }

    /// What the `$ref` of a schema names; nil where it has none.
    func referenced(by part: SchemaPart) -> SchemaPart? {
        guard let reference = part.schema["$ref"]?.string else { return nil }
        let pieces = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let uri = pieces[0].isEmpty ? part.document : String(pieces[0])
        guard let root = documents[uri], let pointer = JSONPointer(parsing: pieces.count == 2 ? String(pieces[1]) : "")
        else { return nil }
        return root[pointer].map { SchemaPart(schema: $0, document: uri) }
    }
}
