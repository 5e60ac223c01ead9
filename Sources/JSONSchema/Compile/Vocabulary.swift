import StrictJSON

/// Which keywords mean something in a resource (core §8.1.2).
struct Vocabulary: OptionSet, Sendable {
    var rawValue: UInt8

    /// Of every dialect.
    static let core: Vocabulary = []
    static let applicator = Vocabulary(rawValue: 1)
    static let validation = Vocabulary(rawValue: 2)
    static let unevaluated = Vocabulary(rawValue: 4)
    static let formatAssertion = Vocabulary(rawValue: 8)
    static let formatAnnotation = Vocabulary(rawValue: 16)
    static let metadata = Vocabulary(rawValue: 32)
    static let content = Vocabulary(rawValue: 64)
    /// What the metaschema of draft 2020-12 itself keeps of earlier drafts: `definitions`, `dependencies`.
    static let compatibility = Vocabulary(rawValue: 128)
    static let standard: Vocabulary = [
        .applicator, .validation, .unevaluated, .formatAnnotation, .metadata, .content, .compatibility,
    ]

    private static let known: [String: Vocabulary] = [
        "core": .core, "applicator": .applicator, "validation": .validation, "unevaluated": .unevaluated,
        "meta-data": .metadata, "format-annotation": .formatAnnotation, "format-assertion": .formatAssertion,
        "content": .content,
    ]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What the metaschema of a resource, or else that of its document, requires; without one: draft 2020-12.
    init(of resource: Int, index: SchemaIndex) throws(SchemaError) {
        self = .standard
        let root = index.resources[resource].root
        let documentRoot = index.resources.first { $0.root.document == root.document }?.root ?? root
        for place in [root, documentRoot] {
            guard let name = place.value["$schema"] else { continue }
            self = try Vocabulary(place.child("$schema", value: name), index)
            return
        }
    }

    private init(_ place: SchemaLocation, _ index: SchemaIndex) throws(SchemaError) {
        guard let text = place.value.string else { throw index.fault(.invalidKeyword, place, "$schema is a URI") }
        let name = URIReference(text).withoutFragment
        self = .standard
        if name == Metaschema.base + "schema" { return }
        guard let metaschema = index.resource(name) else {
            throw index.fault(.unknownVocabulary, place, "no metaschema with the URI \(name) is known")
        }
        guard let vocabularies = metaschema.root.value["$vocabulary"] else { return }
        self = []
        for member in vocabularies.members {
            let uri = member.name.string ?? ""
            let prefix = Metaschema.base + "vocab/"
            if uri.hasPrefix(prefix), let known = Self.known[String(uri.dropFirst(prefix.count))] {
                formUnion(known)
            } else if member.value.bool != false {
                throw index.fault(.unknownVocabulary, place, "its metaschema requires the vocabulary \(uri)")
            }
        }
    }
}
