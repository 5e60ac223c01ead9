import StrictJSON

extension Evaluator {
    mutating func checkPrefix(_ nodes: NodeList, _ value: Int, _ marks: MarksPointer) -> Bool {
        guard entries[value].kind == .array else { return true }
        var isValid = true
        var place = 0
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end, place < nodes.count {
            let index = place
            let fits = applyChild(nodes[index], at, "prefixItems", .index(index), at: .index(index))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
            marks?.pointee.insert(place)
            at = after(at)
            place += 1
        }
        return isValid
    }

    mutating func checkItems(_ node: Int32, from first: Int, _ value: Int, _ marks: MarksPointer) -> Bool {
        guard entries[value].kind == .array else { return true }
        var isValid = true
        var place = 0
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end {
            if place >= first {
                let index = place
                let fits = applyChild(node, at, "items", at: .index(index))
                guard fits || isCollecting else { return false }
                isValid = isValid && fits
            }
            at = after(at)
            place += 1
        }
        marks?.pointee.insertAll()
        return isValid
    }

    mutating func checkContains(
        _ node: Int32, _ least: Int?, _ most: Int?, _ value: Int, of owner: Int32, _ marks: MarksPointer
    ) -> Bool {
        guard entries[value].kind == .array else { return true }
        var found = 0
        var place = 0
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end {
            if probe(node, at, nil) {
                found += 1
                marks?.pointee.insert(place)
                // Without marks and an upper limit the rest does not matter.
                if marks == nil, most == nil, found >= least ?? 1 { return true }
            }
            at = after(at)
            place += 1
        }
        if found < least ?? 1 {
            let keyword = least == nil ? "contains" : "minContains"
            if isCollecting { report(keyword, "must have at least \(least ?? 1) elements that match", of: owner) }
            return false
        }
        if let most, found > most {
            if isCollecting { report("maxContains", "must have at most \(most) elements that match", of: owner) }
            return false
        }
        return true
    }

    mutating func checkUnevaluatedItems(_ node: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        guard entries[value].kind == .array else { return true }
        var isValid = true
        var place = 0
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end {
            let (element, index) = (at, place)
            at = after(at)
            place += 1
            if marks?.pointee.contains(index) == true { continue }
            let fits = applyChild(node, element, "unevaluatedItems", at: .index(index))
            guard fits || isCollecting else { return false }
            isValid = isValid && fits
        }
        marks?.pointee.insertAll()
        return isValid
    }

    /// Few elements are compared pair by pair, many through a set whose hashing no instance can foresee. All that is in
    /// them counts as work, for arrays inside each other are compared at each level again.
    mutating func hasUniqueElements(_ value: Int) -> Bool {
        guard entries[value].kind == .array else { return true }
        let end = Int(entries[value].next)
        var elements = 0
        var arePlain = true
        var at = value + 1
        while at < end {
            elements += 1
            arePlain = arePlain && entries[at].kind == .plainString
            at = after(at)
        }
        guard elements > 1 else { return true }
        guard spend(end - value) else { return false }
        if arePlain && elements <= 64 { return areUniqueStrings(from: value + 1, elements) }
        if elements > 16 {
            var seen = Set<JSONValue>()
            return json(value).elements.allSatisfy { seen.insert($0).inserted }
        }
        var one = value + 1
        while one < end {
            var other = after(one)
            while other < end {
                if isEqual(one, other) { return false }
                other = after(other)
            }
            one = after(one)
        }
        return true
    }

    /// Each plain string is one entry. Their hashes are compared pair by pair, which for 64 of them costs less than a set
    /// of 17; the octets only where hashes are equal.
    private func areUniqueStrings(from first: Int, _ count: Int) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { hashes in
            for index in 0..<count {
                let entry = entries[first + index]
                let hash = NameHash.hash(bytes + Int(entry.start), Int(entry.length), seed: NameHash.seed)
                for other in 0..<index where hashes[other] == hash {
                    if isEqual(first + other, first + index) { return false }
                }
                hashes.initializeElement(at: index, to: hash)
            }
            return true
        }
    }

    private func isEqual(_ one: Int, _ other: Int) -> Bool {
        let (a, b) = (entries[one], entries[other])
        guard a.kind == .plainString, b.kind == .plainString else { return json(one) == json(other) }
        return a.length == b.length && NameHash.sameOctets(bytes + Int(a.start), bytes + Int(b.start), Int(a.length))
    }
}
