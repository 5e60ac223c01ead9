import StrictJSON

extension Evaluator {
    mutating func checkPrefix(_ nodes: [Int], _ value: JSONValue, _ marks: inout Marks) -> Bool {
        var isValid = true
        var place = 0
        for element in value.elements {
            guard place < nodes.count else { break }
            let fits = applyChild(nodes[place], element, "prefixItems", .index(place), at: .index(place))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
            marks.insert(place)
            place += 1
        }
        return isValid
    }

    mutating func checkItems(_ node: Int, from first: Int, _ value: JSONValue, _ marks: inout Marks) -> Bool {
        guard value.kind == .array else { return true }
        var isValid = true
        var place = -1
        for element in value.elements {
            place += 1
            if place < first { continue }
            let fits = applyChild(node, element, "items", at: .index(place))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        marks.insertAll()
        return isValid
    }

    mutating func checkContains(
        _ node: Int, _ least: Int?, _ most: Int?, _ value: JSONValue, _ marks: inout Marks, wantsMarks: Bool
    ) -> Bool {
        guard value.kind == .array else { return true }
        var found = 0
        var place = -1
        for element in value.elements {
            place += 1
            var ignored = Marks()
            guard probe(node, element, &ignored, wantsMarks: false) else { continue }
            found += 1
            if wantsMarks { marks.insert(place) }
        }
        if found < least ?? 1 {
            let keyword = least == nil ? "contains" : "minContains"
            report(keyword, "must have at least \(least ?? 1) elements that match")
            return false
        }
        if let most, found > most {
            report("maxContains", "must have at most \(most) elements that match")
            return false
        }
        return true
    }

    mutating func checkUnevaluatedItems(_ node: Int, _ value: JSONValue, _ marks: inout Marks) -> Bool {
        guard value.kind == .array else { return true }
        var isValid = true
        var place = -1
        for element in value.elements {
            place += 1
            if marks.contains(place) { continue }
            let fits = applyChild(node, element, "unevaluatedItems", at: .index(place))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        marks.insertAll()
        return isValid
    }
}
