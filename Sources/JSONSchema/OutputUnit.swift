public import StrictJSON

/// A failure in an evaluation (core §12.3): of a keyword, or of a subschema with what failed in it.
public struct OutputUnit: Sendable, Hashable {
    /// The way from the schema's root, through every reference.
    public var keywordLocation: JSONPointer
    /// The keyword's or subschema's own URI, without any reference.
    public var absoluteKeywordLocation: String
    /// The value that does not fit.
    public var instanceLocation: JSONPointer
    /// The keyword that failed, or that applied the subschema (empty for the root).
    public var keyword: String
    /// English text that repeats no value of the instance; nil for a subschema, whose units say why.
    public var detail: String?
    /// What failed inside. Of `anyOf` and `oneOf`: one unit for each alternative, in their order.
    public var units: [OutputUnit]
}

extension OutputUnit {
    /// The failures without their nesting. Of alternatives that all fail, those of the closest one follow.
    var violations: [SchemaViolation] {
        var own: [SchemaViolation] = []
        if let detail {
            own.append(
                SchemaViolation(
                    instanceLocation: instanceLocation, keywordLocation: keywordLocation, keyword: keyword,
                    detail: detail))
            return own + closest
        }
        for unit in units { own += unit.violations }
        return own
    }

    /// Of the alternatives: not those that want another type here, then not those that want another fixed value, then
    /// the fewest.
    private var closest: [SchemaViolation] {
        var closest: (rank: (Int, Int), violations: [SchemaViolation])?
        for alternative in units {
            let violations = alternative.violations
            let rank = (rank(of: violations), violations.count)
            if closest.map({ rank < $0.rank }) ?? true { closest = (rank, violations) }
        }
        return closest?.violations ?? []
    }

    private func rank(of violations: [SchemaViolation]) -> Int {
        let isElsewhere = violations.contains {
            $0.keyword == "type" && $0.instanceLocation.tokens.count == instanceLocation.tokens.count
        }
        if isElsewhere { return 2 }
        return violations.contains { $0.keyword == "const" || $0.keyword == "enum" } ? 1 : 0
    }
}

/// The output formats of draft 2020-12 core §12.4.
public enum OutputFormat: String, Sendable, CaseIterable {
    /// The verdict alone.
    case flag
    /// The verdict and a flat list of failures.
    case basic
    /// The verdict and the failures as a tree, in which a subschema with a single failure gives way to it.
    case detailed
}

extension OutputFormat {
    /// The output for an evaluation that ended with those failures; none means that the instance fits.
    func output(_ failures: [OutputUnit], root: String) -> JSON {
        let isValid = failures.isEmpty
        if isValid || self == .flag { return ["valid": .bool(isValid)] }
        let top = OutputUnit(
            keywordLocation: JSONPointer(), absoluteKeywordLocation: root, instanceLocation: JSONPointer(),
            keyword: "", detail: nil, units: failures)
        switch self {
        case .flag: return ["valid": false]
        case .basic:
            var basic = top.members(valid: false, detail: nil)
            basic["errors"] = .array(top.collapsed.flat)
            return basic
        case .detailed: return top.collapsed.tree
        }
    }
}

extension OutputUnit {
    private static let inner = "a subschema does not hold"

    /// A subschema with one failure in it gives way to that failure (core §12.4.3).
    fileprivate var collapsed: OutputUnit {
        var copy = self
        copy.units = units.map(\.collapsed)
        return detail == nil && copy.units.count == 1 ? copy.units[0] : copy
    }

    /// This unit and all in it, without nesting.
    fileprivate var flat: [JSON] {
        [members(valid: false, detail: detail ?? Self.inner)] + units.flatMap(\.flat)
    }

    fileprivate var tree: JSON {
        var tree = members(valid: false, detail: detail)
        if !units.isEmpty { tree["errors"] = .array(units.map(\.tree)) }
        return tree
    }

    fileprivate func members(valid: Bool, detail: String?) -> JSON {
        .object([
            "valid": .bool(valid), "keywordLocation": .string(keywordLocation.description),
            "absoluteKeywordLocation": .string(absoluteKeywordLocation),
            "instanceLocation": .string(instanceLocation.description), "error": detail.map { .string($0) },
        ])
    }
}
