import StrictJSON

extension Compiler {
    /// `properties` and its neighbours, `required`, and what follows from names.
    mutating func compileObject(_ schema: inout SchemaReader, _ known: Vocabulary) throws(SchemaError) {
        if let rule = try objectRule(schema, known) { schema.add("properties", .object(rule)) }
        if known.contains(.applicator) {
            if let names = schema.schema("propertyNames") {
                schema.add("propertyNames", .propertyNames(node(for: names)))
            }
            let dependencies = schema.children("dependentSchemas").map {
                Dependency(name: $0.name, needs: node(for: $0.location))
            }
            if !dependencies.isEmpty { schema.add("dependentSchemas", .dependentSchemas(dependencies)) }
        }
        if known.contains(.compatibility) { try compileDependencies(&schema) }
        guard known.contains(.validation), let value = schema["dependentRequired"] else { return }
        var dependencies: [Dependency<[String]>] = []
        for member in value.members {
            let needs = try schema.names(member.value, "dependentRequired")
            dependencies.append(Dependency(name: member.name.string ?? "", needs: needs))
        }
        schema.add("dependentRequired", .dependentRequired(dependencies))
    }

    /// `dependencies` of earlier drafts: of each name either what `dependentRequired` says, or `dependentSchemas`.
    private mutating func compileDependencies(_ schema: inout SchemaReader) throws(SchemaError) {
        var names: [Dependency<[String]>] = []
        var schemas: [Dependency<Int>] = []
        for (name, location) in schema.children("dependencies") {
            if location.value.kind == .array {
                names.append(Dependency(name: name, needs: try schema.names(location.value, "dependencies")))
            } else {
                schemas.append(Dependency(name: name, needs: node(for: location)))
            }
        }
        if !names.isEmpty { schema.add("dependencies", .dependentRequired(names)) }
        if !schemas.isEmpty { schema.add("dependencies", .dependentSchemas(schemas)) }
    }

    private mutating func objectRule(
        _ schema: SchemaReader, _ known: Vocabulary
    ) throws(SchemaError) -> ObjectRule? {
        var nodes: [(name: String, node: Int?)] = []
        var patterns: [ObjectRule.Pattern] = []
        var additional: Int?
        if known.contains(.applicator) {
            nodes = schema.children("properties").map { ($0.name, node(for: $0.location)) }
            for (source, location) in schema.children("patternProperties") {
                let program = try schema.pattern(source, "patternProperties", source)
                patterns.append(ObjectRule.Pattern(source: source, program: program, node: node(for: location)))
            }
            additional = schema.schema("additionalProperties").map { node(for: $0) }
        }
        var required: [String] = []
        if known.contains(.validation), let value = schema["required"] {
            required = try schema.names(value, "required")
        }
        if nodes.isEmpty && patterns.isEmpty && additional == nil && required.isEmpty { return nil }
        let declared = Set(nodes.map { Array($0.name.utf8) })
        let needed = Set(required.map { Array($0.utf8) })
        nodes += required.filter { !declared.contains(Array($0.utf8)) }.map { ($0, nil) }
        return ObjectRule(
            names: nodes.map { Array($0.name.utf8) }, nodes: nodes.map(\.node),
            isRequired: nodes.map { needed.contains(Array($0.name.utf8)) }, requiredCount: required.count,
            patterns: patterns, additional: additional)
    }

    /// `prefixItems`, `items` and `contains`.
    mutating func compileArray(_ schema: inout SchemaReader, _ known: Vocabulary) throws(SchemaError) {
        let prefix = schema.list("prefixItems") ?? []
        if !prefix.isEmpty { schema.add("prefixItems", .prefixItems(prefix.map { node(for: $0) })) }
        if let items = schema.schema("items") {
            schema.add("items", .items(node(for: items), from: prefix.count))
        }
        let least = known.contains(.validation) ? try schema.count("minContains") : nil
        let most = known.contains(.validation) ? try schema.count("maxContains") : nil
        if let contained = schema.schema("contains") {
            schema.add("contains", .contains(node(for: contained), minimum: least, maximum: most))
        }
    }

    /// `allOf`, `anyOf`, `oneOf`, `not` and `if`.
    mutating func compileLogic(_ schema: inout SchemaReader) throws(SchemaError) {
        if let all = schema.list("allOf") { schema.add("allOf", .all(all.map { node(for: $0) })) }
        if let any = schema.list("anyOf") {
            let detail = "must match at least one of \(any.count) alternatives"
            schema.add("anyOf", .any(any.map { node(for: $0) }), detail)
        }
        if let one = schema.list("oneOf") {
            let detail = "must match exactly one of \(one.count) alternatives"
            schema.add("oneOf", .one(one.map { node(for: $0) }), detail)
        }
        if let not = schema.schema("not") {
            schema.add("not", .not(node(for: not)), "must not match what the schema excludes")
        }
        if let condition = schema.schema("if") {
            let then = schema.schema("then").map { node(for: $0) }
            let otherwise = schema.schema("else").map { node(for: $0) }
            schema.add("if", .condition(node(for: condition), then: then, otherwise: otherwise))
        }
    }

    /// `$ref` and `$dynamicRef`.
    mutating func compileReferences(_ schema: inout SchemaReader) throws(SchemaError) {
        if let target = try target(of: "$ref", schema) {
            schema.add("$ref", .reference(node(for: target.location)))
        }
        guard let (target, reference) = try target(of: "$dynamicRef", schema) else { return }
        let resource = index.resources[target.resource]
        if let name = reference.fragment.flatMap(URIReference.decode), resource.dynamicAnchors[name] != nil {
            let fallback = node(for: target)
            schema.add("$dynamicRef", .dynamicReference(name: dynamicName(name), fallback: fallback))
        } else {
            schema.add("$dynamicRef", .reference(node(for: target)))
        }
    }

    private func target(
        of keyword: String, _ schema: SchemaReader
    ) throws(SchemaError) -> (location: SchemaLocation, reference: URIReference)? {
        guard let text = try schema.string(keyword) else { return nil }
        let base = index.resources[schema.location.resource].uri
        let reference = URIReference(text).resolved(against: base)
        if let location = index.resolve(reference) { return (location, reference) }
        let document = reference.withoutFragment
        let detail =
            index.resource(document) == nil
            ? "no schema with the URI \(document) is known, and none is fetched from a network or a disk"
            : "\(reference.text) leads nowhere"
        throw schema.fault(keyword, detail, code: .unresolvedReference)
    }

    /// Last of all, when everything else has said what it evaluated.
    mutating func compileUnevaluated(_ schema: inout SchemaReader) {
        if let items = schema.schema("unevaluatedItems") {
            schema.addUnevaluated("unevaluatedItems", .unevaluatedItems(node(for: items)))
        }
        if let members = schema.schema("unevaluatedProperties") {
            schema.addUnevaluated("unevaluatedProperties", .unevaluatedProperties(node(for: members)))
        }
    }
}
