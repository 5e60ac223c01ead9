import StrictJSON

/// The metaschema of draft 2020-12 and its vocabularies. Nothing of it is parsed before somebody asks.
enum Metaschema {
    static let base = "https://json-schema.org/draft/2020-12/"

    /// The nine documents by URI; NOTICE.md says whose they are.
    static var documents: [(uri: String, text: [UInt8])] {
        [
            (base + "schema", PackageResources.schema_json),
            (base + "meta/core", PackageResources.core_json),
            (base + "meta/applicator", PackageResources.applicator_json),
            (base + "meta/unevaluated", PackageResources.unevaluated_json),
            (base + "meta/validation", PackageResources.validation_json),
            (base + "meta/meta-data", PackageResources.meta_data_json),
            (base + "meta/format-annotation", PackageResources.format_annotation_json),
            (base + "meta/format-assertion", PackageResources.format_assertion_json),
            (base + "meta/content", PackageResources.content_json),
        ]
    }

    /// Made once, where it is asked for first; copies of it share their memory.
    static let registry = Result { () throws(SchemaError) -> SchemaRegistry in
        var registry = SchemaRegistry()
        for (uri, text) in documents { try registry.add(parse(text, uri), uri: uri) }
        return registry
    }

    private static func parse(_ text: [UInt8], _ uri: String) throws(SchemaError) -> JSONDocument {
        do {
            return try JSONDocument(text)
        } catch {
            throw SchemaError(code: .invalidKeyword, document: uri, pointer: JSONPointer(), detail: "\(error)")
        }
    }
}
