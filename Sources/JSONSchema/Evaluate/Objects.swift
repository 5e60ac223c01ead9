import StrictJSON

extension Evaluator {
    mutating func checkMembers(
        _ rule: ObjectRule, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool
    ) -> Bool {
        guard value.kind == .object else { return true }
        var present = BitSet()
        var found = 0
        var isValid = true
        var place = -1
        for member in value.members {
            place += 1
            let name = member.name.octets
            let entry = rule.names.find(name)
            if let entry, rule.isRequired[entry] {
                found += 1
                present.insert(entry)
            }
            let (fits, isEvaluated) = checkMember(rule, member, name, entry)
            if isEvaluated && wantsMarks { marks.insert(place) }
            isValid = isValid && fits
            if !isValid && !isCollecting { return false }
        }
        guard found < rule.requiredCount else { return isValid }
        if isCollecting { reportMissing(rule, present) }
        return false
    }

    private mutating func checkMember(
        _ rule: ObjectRule, _ member: JSONMember, _ name: ArraySlice<UInt8>, _ entry: Int?
    ) -> (fits: Bool, isEvaluated: Bool) {
        var isEvaluated = false
        var fits = true
        let step = PathStep.name(member.name)
        if let entry, let node = rule.nodes[entry] {
            isEvaluated = true
            fits = applyChild(node, member.value, "properties", step, at: step)
        }
        for pattern in rule.patterns where matches(pattern.program, name) {
            isEvaluated = true
            let key = PathStep.word(pattern.source)
            fits = applyChild(pattern.node, member.value, "patternProperties", key, at: step) && fits
        }
        if !isEvaluated, let additional = rule.additional {
            isEvaluated = true
            fits = applyChild(additional, member.value, "additionalProperties", at: step)
        }
        return (fits, isEvaluated)
    }

    private mutating func reportMissing(_ rule: ObjectRule, _ present: BitSet) {
        for (entry, name) in rule.names.names.enumerated() where rule.isRequired[entry] && !present.contains(entry) {
            report("required", "the member \(String(decoding: name, as: UTF8.self)) is missing")
        }
    }

    mutating func checkNames(_ node: Int, _ value: JSONValue) -> Bool {
        var isValid = true
        for member in value.members
        where !applyChild(node, member.name, "propertyNames", at: .name(member.name)) {
            guard isCollecting else { return false }
            isValid = false
        }
        return isValid
    }

    mutating func checkDependencies(_ dependencies: [Dependency<[String]>], _ value: JSONValue) -> Bool {
        var isValid = true
        for dependency in dependencies where value[dependency.name] != nil {
            for name in dependency.needs where value[name] == nil {
                isValid = false
                report("dependentRequired", "the member \(name) is missing, which \(dependency.name) needs")
            }
        }
        return isValid
    }

    mutating func checkDependencies(
        _ dependencies: [Dependency<Int>], _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool
    ) -> Bool {
        var isValid = true
        for dependency in dependencies where value[dependency.name] != nil {
            let key = PathStep.word(dependency.name)
            let fits = apply(dependency.needs, value, "dependentSchemas", key, &marks, wantsMarks: wantsMarks)
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        return isValid
    }

    mutating func checkUnevaluatedMembers(_ node: Int, _ value: JSONValue, _ marks: inout Marks) -> Bool {
        guard value.kind == .object else { return true }
        var isValid = true
        var place = -1
        for member in value.members {
            place += 1
            if marks.contains(place) { continue }
            let fits = applyChild(node, member.value, "unevaluatedProperties", at: .name(member.name))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        marks.insertAll()
        return isValid
    }
}
