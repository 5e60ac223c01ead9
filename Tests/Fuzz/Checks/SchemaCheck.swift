import JSONSchema
import StrictJSON

extension FuzzTarget {
    /// The schema compiler and the validator (draft 2020-12); the input is a schema, the separator and an instance.
    /// Held true:
    /// * compiling a second time ends the same way, and a fault's place is in the document that it names;
    /// * an instance is valid exactly where it has no violations, and there are never more than asked for;
    /// * each violation is about a value that the instance has, and its path holds its keyword;
    /// * no instance fits a schema and its negation, and none fits `allOf` of a schema that it does not fit.
    static let schema = FuzzTarget(name: "schema") { input throws(BrokenInvariant) in
        let (first, second) = parts(of: input)
        guard let document = try? JSONDocument(first) else { return }
        let instance = (try? JSONDocument(second))?.root
        for formats in [FormatMode.annotation, .assertion] {
            guard let schemas = try compile(document, formats), let instance else { continue }
            try checkVerdicts(of: schemas, on: instance)
        }
    }
}

private struct Schemas {
    var plain: CompiledSchema
    var negated: CompiledSchema
    var wrapped: CompiledSchema
}

private let uri = "urn:fuzz:schema"

private func compile(_ document: JSONDocument, _ formats: FormatMode) throws(BrokenInvariant) -> Schemas? {
    var registry = SchemaRegistry()
    do throws(SchemaError) {
        try registry.add(document, uri: uri)
        let plain = try registry.compile(uri, formats: formats)
        guard let negated = wrap(#"{"not":{"$ref":"\#(uri)"}}"#, registry, formats),
            let wrapped = wrap(#"{"allOf":[{"$ref":"\#(uri)"}]}"#, registry, formats)
        else { return nil }
        return Schemas(plain: plain, negated: negated, wrapped: wrapped)
    } catch {
        try checkFault(error, of: document, formats)
        return nil
    }
}

/// A schema beside the one that is looked at; nil where the fuzzer has given that one another URI.
private func wrap(_ text: String, _ registry: SchemaRegistry, _ formats: FormatMode) -> CompiledSchema? {
    var registry = registry
    guard let document = try? JSONDocument(Array(text.utf8)) else { return nil }
    do {
        try registry.add(document, uri: "urn:fuzz:wrapped")
        return try registry.compile("urn:fuzz:wrapped", formats: formats)
    } catch {
        return nil
    }
}

private func checkFault(
    _ fault: SchemaError, of document: JSONDocument, _ formats: FormatMode
) throws(BrokenInvariant) {
    try hold(!fault.detail.isEmpty, "a fault is told")
    if fault.document == uri {
        try hold(document.root[fault.pointer] != nil, "a fault's place is in its document")
    }
    var registry = SchemaRegistry()
    var second: SchemaError?
    do throws(SchemaError) {
        try registry.add(document, uri: uri)
        _ = try registry.compile(uri, formats: formats)
    } catch {
        second = error
    }
    try hold(second == fault, "a schema is refused the same way again")
}

private func checkVerdicts(of schemas: Schemas, on instance: JSONValue) throws(BrokenInvariant) {
    let isValid = try schemas.plain.verdict(on: instance)
    if try schemas.negated.verdict(on: instance) {
        try hold(!isValid, "no instance fits a schema and its negation")
    }
    // Only this way round: the wrapped schema costs a few steps more, and what costs too much is invalid.
    if try schemas.wrapped.verdict(on: instance) {
        try hold(isValid, "what fits allOf of a schema fits the schema")
    }
}
