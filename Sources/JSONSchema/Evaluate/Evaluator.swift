import StrictJSON

/// Applies a program to an instance. Without collecting it stops at the first fault and builds nothing; collecting
/// goes on and keeps the way it came, and probes (alternatives, conditions) without collecting.
struct Evaluator {
    let program: SchemaProgram
    private var depth = 0
    private var stepsLeft: Int
    /// Set where the work is bounded off; the instance then counts as invalid, whatever negations say.
    private(set) var isExhausted = false
    /// Resources entered, outermost first; kept only where a `$dynamicRef` may ask.
    private var scope: [Int] = []
    private(set) var isCollecting = false
    private var violations: [SchemaViolation] = []
    private var limit = 0
    private var instancePath: [PathStep] = []
    private var keywordPath: [PathStep] = []
    private var appliedBy = ""

    private static let maximumDepth = 2048

    /// The work allowed grows with the instance: a sound schema needs a few steps for each value.
    init(program: SchemaProgram, instance: JSONValue) {
        self.program = program
        stepsLeft = 200_000 + 32 * instance.source.count
    }

    mutating func isValid(_ instance: JSONValue) -> Bool {
        var marks = Marks()
        return evaluate(program.root, instance, &marks, wantsMarks: false) && !isExhausted
    }

    mutating func violations(in instance: JSONValue, limit: Int) -> [SchemaViolation] {
        self.limit = limit
        isCollecting = true
        var marks = Marks()
        _ = evaluate(program.root, instance, &marks, wantsMarks: false)
        if isExhausted, violations.count < limit {
            violations.append(
                SchemaViolation(
                    instanceLocation: JSONPointer(), keywordLocation: JSONPointer(), keyword: "",
                    detail: "takes more work to check than is allowed"))
        }
        return violations
    }

    mutating func evaluate(_ index: Int, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool) -> Bool {
        guard enter() else { return false }
        defer { depth -= 1 }
        let node = program.nodes[index]
        if let verdict = node.verdict {
            if !verdict { report(PathStep.refusal(by: appliedBy)) }
            return verdict
        }
        let entersScope = !program.dynamicTargets.isEmpty && scope.last != node.resource
        if entersScope { scope.append(node.resource) }
        defer { if entersScope { scope.removeLast() } }
        guard node.tracksEvaluation else { return check(node, value, &marks, wantsMarks: wantsMarks) }
        var own = Marks()
        let isValid = check(node, value, &own, wantsMarks: true)
        if wantsMarks { marks.formUnion(own) }
        return isValid
    }

    private mutating func check(
        _ node: SchemaNode, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool
    ) -> Bool {
        var isValid = true
        for rule in node.rules where !check(rule, value, &marks, wantsMarks: wantsMarks) {
            guard isCollecting else { return false }
            isValid = false
        }
        return isValid
    }

    private mutating func enter() -> Bool {
        stepsLeft -= 1
        if depth >= Self.maximumDepth || stepsLeft <= 0 { isExhausted = true }
        if isExhausted || isCollecting && violations.count >= limit { return false }
        depth += 1
        return true
    }

    mutating func exhaust() { isExhausted = true }

    /// The node that a dynamic anchor means here: that of the outermost resource which has one.
    func dynamicTarget(_ name: Int) -> Int? {
        let targets = program.dynamicTargets[name]
        for resource in scope {
            if let target = targets[resource] { return target }
        }
        return nil
    }

    // MARK: Going down

    /// Applies a subschema to the same value.
    mutating func apply(
        _ node: Int, _ value: JSONValue, _ keyword: String, _ key: PathStep?, _ marks: inout Marks,
        wantsMarks: Bool
    ) -> Bool {
        guard isCollecting else { return evaluate(node, value, &marks, wantsMarks: wantsMarks) }
        let before = (keywordPath.count, appliedBy)
        keywordPath.append(.word(keyword))
        if let key { keywordPath.append(key) }
        appliedBy = keyword
        defer {
            keywordPath.removeSubrange(before.0...)
            appliedBy = before.1
        }
        return evaluate(node, value, &marks, wantsMarks: wantsMarks)
    }

    /// Applies a subschema to a member, an element or a name.
    mutating func applyChild(
        _ node: Int, _ value: JSONValue, _ keyword: String, _ key: PathStep? = nil, at step: PathStep
    ) -> Bool {
        var marks = Marks()
        guard isCollecting else { return evaluate(node, value, &marks, wantsMarks: false) }
        instancePath.append(step)
        defer { instancePath.removeLast() }
        return apply(node, value, keyword, key, &marks, wantsMarks: false)
    }

    /// Whether a subschema holds, without collecting why not.
    mutating func probe(_ node: Int, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool) -> Bool {
        let wasCollecting = isCollecting
        isCollecting = false
        defer { isCollecting = wasCollecting }
        var own = Marks()
        let isValid = evaluate(node, value, &own, wantsMarks: wantsMarks)
        if isValid && wantsMarks { marks.formUnion(own) }
        return isValid
    }

    // MARK: Collecting

    /// Keeps a violation by this keyword at the place that is being looked at; nothing where nothing is collected.
    mutating func report(_ keyword: String, _ detail: String) {
        guard isCollecting, violations.count < limit else { return }
        violations.append(
            SchemaViolation(
                instanceLocation: PathStep.pointer(instancePath),
                keywordLocation: PathStep.pointer(keywordPath + [.word(keyword)]), keyword: keyword, detail: detail))
    }

    private mutating func report(_ detail: String) {
        guard isCollecting, violations.count < limit else { return }
        violations.append(
            SchemaViolation(
                instanceLocation: PathStep.pointer(instancePath), keywordLocation: PathStep.pointer(keywordPath),
                keyword: appliedBy, detail: detail))
    }

    /// Collects what alternatives say that all fail, and keeps the closest one's: not those that want another type
    /// here, then not those that want another fixed value, then the fewest.
    mutating func reportClosest(_ nodes: [Int], _ value: JSONValue, _ keyword: String, _ marks: inout Marks) {
        let kept = violations
        var closest: (rank: (Int, Int), violations: [SchemaViolation])?
        for (index, node) in nodes.enumerated() {
            violations = []
            _ = apply(node, value, keyword, .index(index), &marks, wantsMarks: true)
            let rank = (rank(of: violations), violations.count)
            if closest.map({ rank < $0.rank }) ?? true { closest = (rank, violations) }
        }
        violations = kept + (closest?.violations ?? []).prefix(max(0, limit - kept.count))
    }

    private func rank(of violations: [SchemaViolation]) -> Int {
        let isElsewhere = violations.contains {
            $0.keyword == "type" && $0.instanceLocation.tokens.count == instancePath.count
        }
        if isElsewhere { return 2 }
        return violations.contains { $0.keyword == "const" || $0.keyword == "enum" } ? 1 : 0
    }
}
