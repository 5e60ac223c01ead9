internal import JSONSchema
internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

extension SchemaGuide {
    /// The faults of a header, in words that say what would be right; none where it is valid.
    /// - Throws: what the catalogue refuses before it looks at members: a type or version that it does not know.
    func faults(
        inHeader header: JSONValue, by catalogue: SchemaCatalogue
    ) throws(Refusal) -> (header: Header?, faults: [DocumentFault]) {
        do throws(Refusal) {
            return (try catalogue.header(header), [])
        } catch {
            guard error.code == .schemaInvalid else { throw error }
            let told = told(catalogue.violations(inHeader: header), in: header, part: "header", schema: "header")
            return (nil, told.isEmpty ? error.faults : told)
        }
    }

    /// The faults of a clear body.
    func faults(inBody body: JSONValue, of type: MessageType, by catalogue: SchemaCatalogue) -> [DocumentFault] {
        told(catalogue.violations(inBody: body, of: type), in: body, part: "body", schema: type.rawValue)
    }

    /// What is wrong with one member of a message that is being written, and below it.
    /// - Parameter path: the member, starting with `header` or `body`.
    func faults(
        at path: [String], in document: JSONValue, of type: MessageType, by catalogue: SchemaCatalogue
    )
        -> [DocumentFault]
    {
        guard let part = path.first, let instance = document[part] else { return [] }
        let violations =
            part == "header"
            ? catalogue.violations(inHeader: instance) : catalogue.violations(inBody: instance, of: type)
        let below = violations.filter { $0.instanceLocation.tokens.starts(with: path.dropFirst()) }
        return told(below, in: instance, part: part, schema: part == "header" ? part : type.rawValue)
    }

    /// Each violation in words. Of alternatives that all fail, the whole is told once.
    private func told(
        _ violations: [SchemaViolation], in instance: JSONValue, part: String, schema: String
    ) -> [DocumentFault] {
        guard let root = documents.root(schema) else { return [] }
        let type = MessageType(rawValue: schema) ?? instance["type"]?.string.flatMap(MessageType.init)
        var faults: [DocumentFault] = []
        var told: Set<JSONPointer> = []
        for (index, violation) in violations.enumerated() {
            guard let rule = ViolatedRule(violation, from: root, in: documents) else {
                faults.append(DocumentFault(violation, under: part))
                continue
            }
            if rule.isInsideMemberChoice && violation.keyword != "anyOf" { continue }
            if rule.isInsideValueChoice && told.contains(violation.instanceLocation) { continue }
            if violation.keyword == "anyOf", !Self.isMemberChoice(rule.holder) {
                // Of an object the closest alternative says more; of a code nothing says more than the codes.
                let next = violations.dropFirst(index + 1).first?.instanceLocation.tokens ?? []
                let isObject = instance[violation.instanceLocation]?.kind == .object
                if isObject, next.starts(with: violation.instanceLocation.tokens), !next.isEmpty { continue }
                told.insert(violation.instanceLocation)
            }
            for fault in faultsOf(violation, rule, in: instance, part: part, type: type)
            where !faults.contains(fault) { faults.append(fault) }
        }
        return faults
    }

    private static func isMemberChoice(_ part: SchemaPart) -> Bool {
        part.list("anyOf").allSatisfy { $0.schema["required"] != nil && $0.schema["type"] == nil }
    }

    private func faultsOf(
        _ violation: SchemaViolation, _ rule: ViolatedRule, in instance: JSONValue, part: String, type: MessageType?
    ) -> [DocumentFault] {
        let pointer = JSONPointer([part] + violation.instanceLocation.tokens).description
        let value = instance[violation.instanceLocation]
        let text = FaultText(
            violation: violation, rule: rule, value: value, guide: ValueGuide([rule.holder], in: documents))
        func fault(_ detail: LocalizedText) -> DocumentFault {
            DocumentFault(pointer: pointer, keyword: violation.keyword, detail: detail)
        }
        switch violation.keyword {
        case "required":
            let names = rule.holder.schema["required"].map { $0.elements.compactMap(\.string) } ?? []
            return names.filter { value?[$0] == nil }.map { name in
                let member = JSONPointer([part] + violation.instanceLocation.tokens + [name])
                return fault(
                    FaultText.missing(name, self.text(at: member, type: type)) + text.reason)
            }
        case "anyOf" where Self.isMemberChoice(rule.holder):
            let alternatives = rule.holder.list("anyOf").map { part in
                part.schema["required"].map { $0.elements.compactMap(\.string) } ?? []
            }
            return [fault(FaultText.oneMissing(alternatives) + text.reason)]
        default: return [fault(text.text)]
        }
    }
}
