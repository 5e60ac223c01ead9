import JSONSchema
import StrictJSON

extension CompiledSchema {
    /// The schema that these keywords are, formats asserted; nil where it does not compile.
    init?(keywords: JSON) {
        var registry = SchemaRegistry()
        guard let document = try? JSONDocument(keywords.bytes) else { return nil }
        do {
            try registry.add(document, uri: "urn:fuzz:keywords")
            self = try registry.compile("urn:fuzz:keywords", formats: .assertion)
        } catch {
            return nil
        }
    }

    /// Whether the instance fits, after every way to ask has answered alike.
    func verdict(on instance: JSONValue, limits: [Int] = [0, 1, 3, 100]) throws(BrokenInvariant) -> Bool {
        let isValid = isValid(instance)
        try hold(self.isValid(instance) == isValid, "a verdict does not change")
        for limit in limits {
            let violations = violations(in: instance, limit: limit)
            try hold(
                violations.isEmpty == (isValid || limit == 0), "an instance is valid exactly where it has no violations"
            )
            try hold(violations.count <= limit, "there are no more violations than asked for")
            for violation in violations {
                try hold(instance[violation.instanceLocation] != nil, "a violation is about a value of the instance")
                let path = violation.keywordLocation.tokens
                try hold(violation.keyword.isEmpty || path.contains(violation.keyword), "a path holds its keyword")
            }
        }
        for format in OutputFormat.allCases {
            let output = output(for: instance, format: format, limit: 20)
            try hold(output["valid"] == .bool(isValid), "every output format has the same verdict")
        }
        return isValid
    }

    /// Whether a string fits, after every way to ask has answered alike.
    func accepts(_ text: String) throws(BrokenInvariant) -> Bool {
        guard let document = try? JSONDocument(JSON.string(text).bytes) else {
            throw BrokenInvariant(description: "a string that is written reads back")
        }
        return try verdict(on: document.root, limits: [2])
    }
}
