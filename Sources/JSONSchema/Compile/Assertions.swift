import StrictJSON

extension Compiler {
    /// `type`, `enum`, `const`, and what limits numbers and strings.
    func compileAssertions(_ schema: inout SchemaReader) throws(SchemaError) {
        try compileType(&schema)
        if let value = schema["const"] { schema.add("const", .constant(value), "must be \(Self.text(of: value))") }
        try compileEnumeration(&schema)
        try compileBounds(&schema)
        if let source = try schema.string("pattern") {
            let program = try schema.pattern(source, "pattern")
            schema.add("pattern", .pattern(program), "must match the pattern \(source)")
        }
    }

    private func compileType(_ schema: inout SchemaReader) throws(SchemaError) {
        guard let value = schema["type"] else { return }
        let names: [String]
        if let name = value.string { names = [name] } else { names = try schema.names(value, "type") }
        var types: TypeSet = []
        for name in names {
            guard let type = TypeSet(name) else { throw schema.fault("type", "type knows no \(name)") }
            types.insert(type)
        }
        guard !types.isEmpty else { throw schema.fault("type", "type is not empty") }
        schema.add("type", .types(types), "must be of type \(names.joined(separator: " or "))")
    }

    private func compileEnumeration(_ schema: inout SchemaReader) throws(SchemaError) {
        guard let value = schema["enum"] else { return }
        guard value.kind == .array else { throw schema.fault("enum", "enum is a list") }
        let values = Array(value.elements)
        let strings = Set(values.compactMap(\.utf8))
        let shown = values.prefix(20).map(Self.text).joined(separator: ", ") + (values.count > 20 ? ", …" : "")
        schema.add(
            "enum", .enumeration(strings: Array(strings), others: values.filter { $0.kind != .string }),
            "must be one of \(shown)")
    }

    private func compileBounds(_ schema: inout SchemaReader) throws(SchemaError) {
        let bounds: [(String, Bound.Relation, String)] = [
            ("minimum", .atLeast, "at least"), ("maximum", .atMost, "at most"),
            ("exclusiveMinimum", .above, "greater than"), ("exclusiveMaximum", .below, "less than"),
        ]
        for (keyword, relation, words) in bounds {
            guard let value = schema[keyword] else { continue }
            guard let limit = value.number else { throw schema.fault(keyword, "\(keyword) is a number") }
            let bound = Bound(limit: limit, small: limit.int, relation: relation)
            schema.add(keyword, .bound(bound), "must be \(words) \(limit.text)")
        }
        try compileMultiple(&schema)
    }

    private func compileMultiple(_ schema: inout SchemaReader) throws(SchemaError) {
        guard let value = schema["multipleOf"] else { return }
        guard let number = value.number, !number.isNegative, !number.isZero else {
            throw schema.fault("multipleOf", "multipleOf is a number above 0")
        }
        let detail = "must be a multiple of \(number.text)"
        if let divisor = Divisor(number) {
            schema.add("multipleOf", .multiple(divisor), detail)
        } else if let divisor = LargeDivisor(number.normalised) {
            schema.add("multipleOf", .largeMultiple(divisor), detail)
        } else {
            let most = LargeDivisor.maximumDigits
            throw schema.fault("multipleOf", "a multipleOf of more than \(most) significant digits is not supported")
        }
    }

    /// What limits how long, how many and how different things are.
    func compileSizes(_ schema: inout SchemaReader) throws(SchemaError) {
        let sizes: [(String, JSONValue.Kind, String)] = [
            ("Length", .string, "characters"), ("Items", .array, "elements"), ("Properties", .object, "members"),
        ]
        for (suffix, kind, words) in sizes {
            if let least = try schema.count("min" + suffix) {
                let check = Self.size(kind, least...Int.max)
                schema.add("min" + suffix, check, "must have at least \(least) \(words)")
            }
            if let most = try schema.count("max" + suffix) {
                schema.add("max" + suffix, Self.size(kind, 0...most), "must have at most \(most) \(words)")
            }
        }
        if schema["uniqueItems"]?.bool == true {
            schema.add("uniqueItems", .unique, "must not have two equal elements")
        }
    }

    private static func size(_ kind: JSONValue.Kind, _ range: ClosedRange<Int>) -> Check {
        kind == .string ? .length(range) : .size(kind, range)
    }

    func compileFormat(_ schema: inout SchemaReader, _ known: Vocabulary) throws(SchemaError) {
        let isRequired = known.contains(.formatAssertion)
        guard isRequired || known.contains(.formatAnnotation), let name = try schema.string("format"),
            isRequired || formats != .annotation
        else { return }
        if let format = Format(rawValue: name) {
            schema.add("format", .format(format), "must be of the format \(name)")
        } else if isRequired || formats == .assertion {
            throw schema.fault("format", "no format \(name) can be asserted", code: .unknownFormat)
        }
    }

    private static func text(of value: JSONValue) -> String {
        let text = JSON(value).text
        return text.unicodeScalars.count <= 200 ? text : "the \(value.kind.rawValue) that the schema says"
    }
}
