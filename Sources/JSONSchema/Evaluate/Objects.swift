import StrictJSON

extension Evaluator {
    mutating func checkMembers(
        _ rule: UnsafePointer<FlatObject>, _ value: Int, of node: Int32, _ marks: MarksPointer
    ) -> Bool {
        let object = entries[value]
        guard object.kind == .object else { return true }
        let looksAtAll = rule.pointee.patternCount > 0 || rule.pointee.additional >= 0
        var left = rule.pointee.names.count
        var missing = rule.pointee.requiredCount
        var isValid = true
        var place = 0
        var at = value + 1
        let end = Int(object.next)
        // Where every name of the schema was seen, the others do not matter.
        while at < end, left > 0 || looksAtAll {
            let found = find(at, in: rule.pointee.names)
            if found >= 0 {
                left -= 1
                if rule.pointee.isRequired[found] { missing -= 1 }
            }
            if found >= 0 || looksAtAll, !checkMember(rule, at, place, found, marks) {
                guard isCollecting else { return false }
                isValid = false
            }
            at = after(at + 1)
            place += 1
        }
        guard missing > 0 else { return isValid }
        if isCollecting { reportMissing(rule, value, of: node) }
        return false
    }

    /// The place of a member's name in a table; -1 where it is not there.
    @inline(__always)
    private func find(_ name: Int, in names: Names) -> Int {
        let entry = entries[name]
        if entry.kind == .plainString {
            return names.find(bytes + Int(entry.start), Int(entry.length), hash: entry.next)
        }
        return withOctets(name) { names.find($0) }
    }

    @inline(__always)
    private mutating func checkMember(
        _ rule: UnsafePointer<FlatObject>, _ name: Int, _ place: Int, _ found: Int, _ marks: MarksPointer
    ) -> Bool {
        let node = found >= 0 ? rule.pointee.nodes[found] : -1
        var isEvaluated = false
        var fits = true
        if node >= 0 {
            isEvaluated = true
            fits = applyChild(node, name + 1, "properties", .name(name), at: .name(name))
        }
        if rule.pointee.patternCount > 0 {
            fits = checkPatterns(rule, name, &isEvaluated) && fits
        }
        if !isEvaluated, rule.pointee.additional >= 0 {
            isEvaluated = true
            fits = applyChild(rule.pointee.additional, name + 1, "additionalProperties", at: .name(name))
        }
        if isEvaluated { marks?.pointee.insert(place) }
        return fits
    }

    private mutating func checkPatterns(
        _ rule: UnsafePointer<FlatObject>, _ name: Int, _ isEvaluated: inout Bool
    ) -> Bool {
        var fits = true
        for index in 0..<rule.pointee.patternCount {
            let pattern = rule.pointee.patterns[index]
            guard matches(pattern.pattern, name) else { continue }
            isEvaluated = true
            fits = applyPattern(pattern, name) && fits
        }
        return fits
    }

    private mutating func applyPattern(_ pattern: FlatPattern, _ name: Int) -> Bool {
        guard isCollecting else { return evaluate(pattern.node, name + 1, nil) }
        let source = PathStep.word(pattern.source.takeUnretainedValue().text)
        return applyCollecting(pattern.node, name + 1, "patternProperties", source, .name(json(name)), nil)
    }

    private mutating func reportMissing(_ rule: UnsafePointer<FlatObject>, _ value: Int, of node: Int32) {
        var present = Set<[UInt8]>()
        for member in json(value).members { present.insert(member.name.utf8 ?? []) }
        for index in 0..<rule.pointee.names.count where rule.pointee.isRequired[index] {
            let name = rule.pointee.names.octets(index)
            if present.contains(name) { continue }
            report("required", "the member \(String(decoding: name, as: UTF8.self)) is missing", of: node)
        }
    }

    mutating func checkNames(_ node: Int32, _ value: Int) -> Bool {
        guard entries[value].kind == .object else { return true }
        var isValid = true
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end {
            if !applyChild(node, at, "propertyNames", at: .name(at)) {
                guard isCollecting else { return false }
                isValid = false
            }
            at = after(at + 1)
        }
        return isValid
    }

    mutating func checkDependencies(_ list: [Dependency<[String]>], _ value: Int, _ at: Int, of node: Int32) -> Bool {
        let object = json(value)
        var isValid = true
        for dependency in list where object[dependency.name] != nil {
            for name in dependency.needs where object[name] == nil {
                guard isCollecting else { return false }
                isValid = false
                let keyword = program.texts[at].keyword
                report(keyword, "the member \(name) is missing, which \(dependency.name) needs", of: node)
            }
        }
        return isValid
    }

    mutating func checkDependencies(
        _ list: [Dependency<Int>], _ value: Int, _ at: Int, _ marks: MarksPointer
    ) -> Bool {
        let object = json(value)
        var isValid = true
        for dependency in list where object[dependency.name] != nil {
            let fits = applyDependency(dependency, value, program.texts[at].keyword, marks)
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        return isValid
    }

    private mutating func applyDependency(
        _ dependency: Dependency<Int>, _ value: Int, _ keyword: String, _ marks: MarksPointer
    ) -> Bool {
        let node = Int32(dependency.needs)
        guard isCollecting else { return evaluate(node, value, marks) }
        return applyCollecting(node, value, keyword, .word(dependency.name), nil, marks)
    }

    mutating func checkUnevaluatedMembers(_ node: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        guard entries[value].kind == .object else { return true }
        var isValid = true
        var place = 0
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end {
            let name = at
            at = after(at + 1)
            defer { place += 1 }
            if marks?.pointee.contains(place) == true { continue }
            let fits = applyChild(node, name + 1, "unevaluatedProperties", at: .name(name))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        marks?.pointee.insertAll()
        return isValid
    }
}
