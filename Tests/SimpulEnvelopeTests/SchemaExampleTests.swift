import JSONSchema
import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// Every schema says what its examples say; and every constraint of every schema is held by an example: without it, one
/// changes its verdict.
@Suite struct SchemaExampleTests {
    static let withExamples = ["header", "receipt"] + MessageType.allCases.map(\.rawValue)

    @Test(arguments: withExamples)
    func `every example has the verdict of its folder`(name: String) throws {
        let schemas = try ExampleSchemas(SchemaExample.documents())
        let examples = try SchemaExample.all(of: name)
        #expect(examples.contains { $0.shouldBeValid } && examples.contains { !$0.shouldBeValid })
        for example in examples {
            #expect(schemas.accept(example) == example.shouldBeValid, "\(example)")
        }
    }

    @Test(arguments: MessageType.allCases)
    func `every valid example declares at least the class that its fields have`(type: MessageType) throws {
        let catalogue = try SchemaCatalogue()
        for example in try SchemaExample.all(of: type.rawValue) where example.shouldBeValid {
            let header = try catalogue.header(#require(example.value["header"]))
            let derived = catalogue.privacyClass(ofBody: try #require(example.value["body"]), type: type)
            #expect(header.privacy >= derived, "\(example)")
        }
    }

    @Test(arguments: withExamples + ["common"])
    func `every field of every schema has a privacy class and every bound`(name: String) throws {
        let document = try #require(try SchemaExample.documents()["\(name)/1"])
        for (pointer, schema) in SchemaConstraint.subschemas(of: document) {
            if case .string("object")? = schema["type"] {
                #expect(schema["additionalProperties"] == .bool(false), "\(name)\(pointer)")
            }
            if case .string("array")? = schema["type"] {
                #expect(schema["maxItems"] != nil, "\(name)\(pointer)")
            }
            let isConditional = ["/if", "/then", "/else"].contains(where: pointer.contains)
            guard case .object(let members)? = schema["properties"], name != "receipt", !isConditional else { continue }
            for member in members {
                #expect(member.value["x-privacy"] != nil, "\(name)\(pointer)/properties/\(member.name)")
            }
        }
    }

    @Test(arguments: withExamples + ["common"])
    func `without any one of its constraints, some example changes its verdict`(name: String) throws {
        var documents = try SchemaExample.documents()
        let removed = documents.removeValue(forKey: "\(name)/1")
        let document = try #require(removed)
        let readers = name == "common" || name == "header" ? Self.withExamples : [name]
        let examples = try readers.flatMap(SchemaExample.all(of:))
        let others = try ExampleSchemas.registry(of: documents)
        let whole = try ExampleSchemas(adding: document, as: name, to: others)
        let byKeyword = examples.reduce(into: [String: [SchemaExample]]()) { result, example in
            for keyword in whole.brokenKeywords(in: example) { result[keyword, default: []].append(example) }
        }
        for constraint in SchemaConstraint.all(in: document) {
            let weaker = try ExampleSchemas(adding: constraint.removed(from: document), as: name, to: others)
            let likely = constraint.isConditional ? [] : byKeyword[constraint.brokenKeyword] ?? []
            let isHeld =
                likely.contains { weaker.accept($0) } || examples.contains { weaker.accept($0) != $0.shouldBeValid }
            #expect(isHeld, "\(name)/1\(constraint)")
        }
    }
}

/// The schemas that examples are held against, compiled when they are first asked for.
final class ExampleSchemas {
    private let registry: SchemaRegistry
    private var compiled: [String: CompiledSchema] = [:]

    convenience init(_ documents: [String: JSON]) throws { self.init(try Self.registry(of: documents)) }

    convenience init(adding document: JSON, as name: String, to registry: SchemaRegistry) throws {
        var registry = registry
        try registry.add(JSONDocument(document.bytes), uri: "urn:simpul:schema:\(name)/1")
        self.init(registry)
    }

    private init(_ registry: SchemaRegistry) { self.registry = registry }

    static func registry(of documents: [String: JSON]) throws -> SchemaRegistry {
        var registry = SchemaRegistry()
        for (path, document) in documents {
            try registry.add(JSONDocument(document.bytes), uri: "urn:simpul:schema:\(path)")
        }
        return registry
    }

    func accept(_ example: SchemaExample) -> Bool {
        parts(of: example).allSatisfy { schema, value in schema.isValid(value) }
    }

    /// The keywords that an example breaks.
    func brokenKeywords(in example: SchemaExample) -> Set<String> {
        Set(parts(of: example).flatMap { schema, value in schema.violations(in: value, limit: 100).map(\.keyword) })
    }

    /// A message is a header and a body; every other example is one value.
    private func parts(of example: SchemaExample) -> [(CompiledSchema, JSONValue)] {
        guard MessageType(rawValue: example.name) != nil else { return [(schema(example.name), example.value)] }
        return [("header", example.value["header"]), (example.name, example.value["body"])].compactMap { name, value in
            value.map { (schema(name), $0) }
        }
    }

    private func schema(_ name: String) -> CompiledSchema {
        if let known = compiled[name] { return known }
        do {
            let schema = try registry.compile("urn:simpul:schema:\(name)/1", formats: .assertion)
            compiled[name] = schema
            return schema
        } catch {
            preconditionFailure("schemas/\(name)/1.json does not compile: \(error)")
        }
    }
}
