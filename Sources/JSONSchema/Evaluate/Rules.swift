import StrictJSON

extension Evaluator {
    /// Whether one keyword holds; reports where it does not.
    mutating func check(_ rule: Rule, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool) -> Bool {
        switch rule.check {
        case .object(let object): return checkMembers(object, value, &marks, wantsMarks: wantsMarks)
        case .propertyNames(let node): return checkNames(node, value)
        case .dependentRequired(let dependencies): return checkDependencies(dependencies, value)
        case .dependentSchemas(let dependencies):
            return checkDependencies(dependencies, value, &marks, wantsMarks: wantsMarks)
        case .unevaluatedProperties(let node): return checkUnevaluatedMembers(node, value, &marks)
        case .prefixItems(let nodes): return checkPrefix(nodes, value, &marks)
        case .items(let node, let first): return checkItems(node, from: first, value, &marks)
        case .contains(let node, let least, let most):
            return checkContains(node, least, most, value, &marks, wantsMarks: wantsMarks)
        case .unevaluatedItems(let node): return checkUnevaluatedItems(node, value, &marks)
        case .all, .any, .one, .not, .condition, .reference, .dynamicReference:
            return checkLogic(rule, value, &marks, wantsMarks: wantsMarks)
        default:
            let isValid = holds(rule.check, value)
            if !isValid { report(rule.keyword, rule.detail) }
            return isValid
        }
    }

    /// Keywords without subschemas.
    private mutating func holds(_ check: Check, _ value: JSONValue) -> Bool {
        switch check {
        case .types(let types): return types.accepts(value)
        case .enumeration(let strings, let others):
            return value.kind == .string ? strings.find(value.octets) != nil : others.contains(value)
        case .constant(let constant): return value == constant
        case .bound(let bound): return value.kind != .number || bound.holds(value)
        case .multiple(let divisor): return value.kind != .number || divisor.divides(value)
        case .length(let range):
            return value.kind != .string || range.contains(value.octets.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) })
        case .pattern(let program): return value.kind != .string || matches(program, value.octets)
        case .format(let format): return value.kind != .string || format.accepts(value.octets)
        case .size(let kind, let range): return value.kind != kind || range.contains(value.count)
        case .unique: return hasUniqueElements(value)
        default: return true
        }
    }

    /// A match that takes too long ends the whole evaluation.
    mutating func matches(_ program: RegexProgram, _ text: ArraySlice<UInt8>) -> Bool {
        guard let matches = program.matches(text) else {
            exhaust()
            return false
        }
        return matches
    }

    private func hasUniqueElements(_ value: JSONValue) -> Bool {
        guard value.kind == .array else { return true }
        var seen = Set<JSONValue>()
        return value.elements.allSatisfy { seen.insert($0).inserted }
    }

    // MARK: Logic

    private mutating func checkLogic(
        _ rule: Rule, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool
    ) -> Bool {
        switch rule.check {
        case .all(let nodes):
            var isValid = true
            for (index, node) in nodes.enumerated()
            where !apply(node, value, rule.keyword, .index(index), &marks, wantsMarks: wantsMarks) {
                guard isCollecting else { return false }
                isValid = false
            }
            return isValid
        case .any(let nodes): return checkAlternatives(nodes, 1...Int.max, rule, value, &marks, wantsMarks)
        case .one(let nodes): return checkAlternatives(nodes, 1...1, rule, value, &marks, wantsMarks)
        case .not(let node):
            var ignored = Marks()
            let isValid = !probe(node, value, &ignored, wantsMarks: false)
            if !isValid { report(rule.keyword, rule.detail) }
            return isValid
        case .condition(let node, let then, let otherwise):
            let holds = probe(node, value, &marks, wantsMarks: wantsMarks)
            guard let next = holds ? then : otherwise else { return true }
            return apply(next, value, holds ? "then" : "else", nil, &marks, wantsMarks: wantsMarks)
        case .reference(let node): return apply(node, value, rule.keyword, nil, &marks, wantsMarks: wantsMarks)
        case .dynamicReference(let name, let fallback):
            let node = dynamicTarget(name) ?? fallback
            return apply(node, value, rule.keyword, nil, &marks, wantsMarks: wantsMarks)
        default: return true
        }
    }

    private mutating func checkAlternatives(
        _ nodes: [Int], _ allowed: ClosedRange<Int>, _ rule: Rule, _ value: JSONValue, _ marks: inout Marks,
        _ wantsMarks: Bool
    ) -> Bool {
        var matching = 0
        for node in nodes where probe(node, value, &marks, wantsMarks: wantsMarks) {
            matching += 1
            if matching > allowed.upperBound || allowed.upperBound == Int.max && !wantsMarks { break }
        }
        if allowed.contains(matching) { return true }
        report(rule.keyword, matching == 0 ? rule.detail : rule.detail + ", and matches more")
        if isCollecting && matching == 0 { reportClosest(nodes, value, rule.keyword, &marks) }
        return false
    }
}
