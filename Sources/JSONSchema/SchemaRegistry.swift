public import StrictJSON

/// Schema documents by URI (JSON Schema draft 2020-12), from which schemas are compiled. What is not in here is not
/// there: references never lead to a network or a disk.
public struct SchemaRegistry: Sendable {
    var index = SchemaIndex()

    /// A registry without documents. It does not know the metaschema either; schemas need none to be compiled.
    public init() {}

    /// A registry that knows the metaschema of draft 2020-12 and its vocabularies (`https://json-schema.org/draft/
    /// 2020-12/schema` and `…/meta/core` to `…/meta/content`), for schemas that refer to them, and to check schemas as
    /// instances. The program carries them. They are parsed where this is called first, and shared by every copy.
    /// - Throws: nothing, unless the program was built from broken documents.
    public static func draft202012() throws(SchemaError) -> SchemaRegistry { try Metaschema.registry.get() }

    /// Adds a document under an absolute URI without fragment; `$id`, `$anchor` and `$dynamicAnchor` inside it are
    /// found too. Costs memory for the document and for each identifier.
    /// - Throws: ``SchemaError`` where the URI or an identifier is malformed or taken; the registry is then unchanged.
    public mutating func add(_ document: JSONDocument, uri: String) throws(SchemaError) {
        var changed = index
        try changed.add(document, uri: uri)
        index = changed
    }

    /// Compiles the schema that a URI names (the fragment is a JSON pointer or an anchor), and all that it refers to.
    /// - Throws: ``SchemaError`` with the place of the first fault; a faulty schema never compiles.
    public func compile(_ uri: String, formats: FormatMode) throws(SchemaError) -> CompiledSchema {
        let reference = URIReference(uri)
        guard let root = index.resolve(reference) else {
            throw SchemaError(
                code: .unresolvedReference, document: reference.withoutFragment, pointer: JSONPointer(),
                detail: "no schema has this URI")
        }
        var compiler = Compiler(index: index, formats: formats)
        return CompiledSchema(program: try compiler.compile(root))
    }
}
