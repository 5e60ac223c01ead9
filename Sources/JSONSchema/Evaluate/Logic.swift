import StrictJSON

extension Evaluator {
    mutating func checkLogic(_ at: Int, of node: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        switch instruction(at).pointee {
        case .all(let nodes): return checkAll(nodes, value, marks)
        case .any(let nodes): return checkAlternatives(nodes, isOne: false, at, of: node, value, marks)
        case .one(let nodes): return checkAlternatives(nodes, isOne: true, at, of: node, value, marks)
        case .not(let excluded):
            guard probe(excluded, value, nil) else { return true }
            report(at, of: node)
            return false
        case .condition(let condition, let then, let otherwise):
            let holds = probe(condition, value, marks)
            guard let next = holds ? then : otherwise else { return true }
            return apply(next, value, holds ? "then" : "else", .none, marks)
        case .dynamicReference(let name, let fallback):
            return apply(dynamicTarget(name) ?? fallback, value, "$dynamicRef", .none, marks)
        default: return true
        }
    }

    private mutating func checkAll(_ nodes: NodeList, _ value: Int, _ marks: MarksPointer) -> Bool {
        var isValid = true
        for index in 0..<nodes.count where !apply(nodes[index], value, "allOf", .index(index), marks) {
            guard isCollecting else { return false }
            isValid = false
        }
        return isValid
    }

    private mutating func checkAlternatives(
        _ nodes: NodeList, isOne: Bool, _ at: Int, of node: Int32, _ value: Int, _ marks: MarksPointer
    ) -> Bool {
        let (start, wasCollecting) = (trace.units.count, isCollecting)
        var matching = 0
        for index in 0..<nodes.count {
            guard checkAlternative(nodes[index], index, at, value, marks) else { continue }
            matching += 1
            if isOne ? matching > 1 : marks == nil { break }
        }
        if matching > 0 && !(isOne && matching > 1) {
            trace.drop(from: start)
            return true
        }
        // Where the room has run out since, what was kept still belongs here; where the work is bounded off, nobody knows
        // whether an alternative would have held.
        guard wasCollecting, !isExhausted else {
            trace.drop(from: start)
            return false
        }
        let text = program.texts[at]
        let detail = matching == 0 ? text.detail : text.detail + ", and matches more"
        if matching > 0 { trace.drop(from: start) }
        trace.groupAlternatives(from: start, text.keyword, detail, at: program.places[Int(node)])
        isCollecting = !trace.isFull
        return false
    }

    /// While collecting, each alternative that fails leaves one unit.
    private mutating func checkAlternative(
        _ node: Int32, _ index: Int, _ at: Int, _ value: Int, _ marks: MarksPointer
    ) -> Bool {
        guard isCollecting else { return probe(node, value, marks) }
        let mark = trace.enter(program.texts[at].keyword, .index(index), nil)
        var own = Marks()
        let isValid = withUnsafeMutablePointer(to: &own) { evaluate(node, value, marks == nil ? nil : $0) }
        if isValid { marks?.pointee.formUnion(own) }
        trace.leaveAlternative(mark, isValid: isValid, at: program.places[Int(node)])
        isCollecting = !trace.isFull
        return isValid
    }
}
