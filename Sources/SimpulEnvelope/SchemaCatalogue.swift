public import JSONSchema
public import SimpulCore
public import StrictJSON

/// The schemas of every message type, compiled once. Immutable, so any number of tasks may validate at once.
public struct SchemaCatalogue: Sendable {
    private let header: CompiledSchema
    private let receipt: CompiledSchema
    private let bodies: [MessageType: CompiledSchema]
    private let privacy: [MessageType: PrivacyMap]
    private let violations: Int

    /// Compiles the embedded schemas, with `format` as an assertion.
    /// - Throws: where an embedded schema is faulty; a test compiles them all, so a release never throws here.
    public init(limits: Limits = Limits()) throws {
        var registry = SchemaRegistry()
        var documents: [String: JSONValue] = [:]
        for (name, octets) in EmbeddedDocuments.schemas {
            let document = try JSONDocument(octets)
            let uri = "urn:simpul:schema:" + name
            try registry.add(document, uri: uri)
            documents[uri] = document.root
        }
        func compile(_ name: String) throws(SchemaError) -> CompiledSchema {
            try registry.compile("urn:simpul:schema:\(name)/1", formats: .assertion)
        }
        header = try compile("header")
        receipt = try compile("receipt")
        var bodies: [MessageType: CompiledSchema] = [:]
        var privacy: [MessageType: PrivacyMap] = [:]
        for type in MessageType.allCases {
            bodies[type] = try compile(type.rawValue)
            privacy[type] = PrivacyMap(schema: "urn:simpul:schema:\(type.rawValue)/1", in: documents)
        }
        self.bodies = bodies
        self.privacy = privacy
        violations = limits.violations
    }

    /// Reads and validates a header.
    /// - Throws: `schema-unknown` where its type or version is not known here, `schema-invalid` with every fault.
    public func header(_ value: JSONValue) throws(Refusal) -> Header {
        if let type = value["type"]?.string, let schema = value["schema"]?.string {
            try requireKnown(type: type, schema: schema)
        }
        let faults = faults(of: header, in: value, at: "header")
        guard faults.isEmpty, let header = Header(value) else { throw .schemaInvalid(faults) }
        return header
    }

    /// The faults of a clear body of that type, with pointers that start with `/body`.
    public func faults(inBody body: JSONValue, of type: MessageType) -> [DocumentFault] {
        bodies[type].map { faults(of: $0, in: body, at: "body") } ?? []
    }

    /// The violations of a header, as its faults tell them, with the schema's places; at most as many as the limits say.
    public func violations(inHeader value: JSONValue) -> [SchemaViolation] {
        header.isValid(value) ? [] : header.violations(in: value, limit: violations)
    }

    /// The violations of a clear body of that type; at most as many as the limits say.
    public func violations(inBody body: JSONValue, of type: MessageType) -> [SchemaViolation] {
        guard let schema = bodies[type], !schema.isValid(body) else { return [] }
        return schema.violations(in: body, limit: violations)
    }

    /// The highest privacy class among the fields that a body of that type has.
    public func privacyClass(ofBody body: JSONValue, type: MessageType) -> PrivacyClass {
        privacy[type]?.highest(in: body) ?? .p4
    }

    /// Reads and validates the payload of a receipt; nil where it breaks its schema.
    public func receipt(_ value: JSONValue) -> ReceiptStatement? {
        receipt.isValid(value) ? ReceiptStatement(value) : nil
    }

    private func requireKnown(type: String, schema: String) throws(Refusal) {
        let parts = schema.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
        guard let known = MessageType(rawValue: type), parts.count == 2, parts[0] == type, numbers.count == 2,
            numbers[0] == "1", let minor = Int(numbers[1]), String(minor) == numbers[1],
            minor <= known.newestMinor
        else {
            throw Refusal(
                .schemaUnknown, at: .validate,
                LocalizedText(
                    "This broker does not know this type and schema version.",
                    "Simpul ini tidak mengenal jenis dan versi skema tersebut."))
        }
    }

    private func faults(of schema: CompiledSchema, in value: JSONValue, at part: String) -> [DocumentFault] {
        guard !schema.isValid(value) else { return [] }
        return schema.violations(in: value, limit: violations).map { violation in
            DocumentFault(violation, under: part)
        }
    }
}

extension DocumentFault {
    /// A violation as a fault, in both languages; its pointer starts with the part of the document that was checked.
    public init(_ violation: SchemaViolation, under part: String? = nil) {
        let tokens = (part.map { [$0] } ?? []) + violation.instanceLocation.tokens
        self.init(
            pointer: JSONPointer(tokens).description, keyword: violation.keyword,
            detail: SchemaFaultText.text(for: violation))
    }
}

/// What a violated keyword means, in the two languages. The schema's own facts may stand in it, values never do.
enum SchemaFaultText {
    static func text(for violation: SchemaViolation) -> LocalizedText {
        LocalizedText(violation.detail, indonesian(violation.keyword))
    }

    private static func indonesian(_ keyword: String) -> String {
        switch keyword {
        case "required", "dependentRequired": "Anggota wajib tidak ada."
        case "additionalProperties", "unevaluatedProperties", "propertyNames", "false schema":
            "Anggota ini tidak diizinkan di sini."
        case "type": "Jenis nilai tidak sesuai."
        case "enum", "const": "Nilai tidak ada dalam daftar kode."
        case "pattern", "format": "Bentuk teks tidak sesuai."
        case "minLength", "minItems", "minProperties", "minContains", "contains": "Terlalu sedikit atau terlalu pendek."
        case "maxLength", "maxItems", "maxProperties", "maxContains": "Terlalu banyak atau terlalu panjang."
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf": "Angka di luar batas."
        case "uniqueItems": "Ada nilai yang berulang."
        default: "Aturan \(keyword) tidak dipenuhi."
        }
    }
}
