import StrictJSON

extension Evaluator {
    /// Whether one keyword of a node holds; reports where it does not.
    mutating func check(_ at: Int, of node: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        let instruction = instruction(at)
        switch instruction.pointee {
        case .object(let object): return checkMembers(object, value, of: node, marks)
        case .reference(let target): return apply(target, value, "$ref", .none, marks)
        case .propertyNames(let names): return checkNames(names, value)
        case .dependentRequired(let list):
            return checkDependencies(list.takeUnretainedValue().list, value, at, of: node)
        case .dependentSchemas(let list): return checkDependencies(list.takeUnretainedValue().list, value, at, marks)
        case .unevaluatedProperties(let rest): return checkUnevaluatedMembers(rest, value, marks)
        case .prefixItems(let nodes): return checkPrefix(nodes, value, marks)
        case .items(let items, let first): return checkItems(items, from: first, value, marks)
        case .contains(let item, let least, let most):
            return checkContains(item, least, most, value, of: node, marks)
        case .unevaluatedItems(let rest): return checkUnevaluatedItems(rest, value, marks)
        case .all, .any, .one, .not, .condition, .dynamicReference: return checkLogic(at, of: node, value, marks)
        default:
            if holds(instruction, value) { return true }
            report(at, of: node)
            return false
        }
    }

    /// Keywords without subschemas.
    @inline(__always)
    private mutating func holds(_ instruction: UnsafePointer<Instruction>, _ value: Int) -> Bool {
        switch instruction.pointee {
        case .types(let types): return accepts(types, value)
        case .constantString(let names): return isString(value) && find(value, names) >= 0
        case .enumeration(let strings, let others):
            if isString(value) { return find(value, strings) >= 0 }
            return others._withUnsafeGuaranteedRef { $0.contains(json(value)) }
        case .constant(let constant): return constant._withUnsafeGuaranteedRef { $0.contains(json(value)) }
        case .pattern(let pattern): return !isString(value) || matches(pattern, value)
        case .format(let format): return !isString(value) || accepts(format, value)
        case .length(let least, let most): return !isString(value) || hasLength(value, least, most)
        case .elements(let least, let most):
            return kind(value) != .array || (least...most).contains(count(value, step: 0))
        case .members(let least, let most):
            return kind(value) != .object || (least...most).contains(count(value, step: 1))
        case .bound(let bound): return holds(bound, value)
        case .multiple(let divisor): return !isNumber(value) || divisor.divides(json(value))
        case .largeMultiple(let divisor):
            return !isNumber(value) || divisor._withUnsafeGuaranteedRef { $0.divides(json(value)) }
        case .unique: return hasUniqueElements(value)
        default: return true
        }
    }

    /// A match that takes too long ends the whole evaluation.
    mutating func matches(_ pattern: Unmanaged<Pattern>, _ value: Int) -> Bool {
        var stepsLeft = regexStepsLeft
        let matches = withOctets(value) { octets in
            pattern._withUnsafeGuaranteedRef { $0.program.matches(octets, &stepsLeft) }
        }
        regexStepsLeft = stepsLeft
        guard let matches else {
            exhaust()
            return false
        }
        return matches
    }

    private func accepts(_ format: Format, _ value: Int) -> Bool { format.accepts(slice(value)) }

    /// The octets of a string, unescaped.
    @inline(__always)
    private func slice(_ value: Int) -> ArraySlice<UInt8> {
        let entry = entries[value]
        if entry.kind == .plainString { return tape.bytes[Int(entry.start)..<Int(entry.start) + Int(entry.length)] }
        return (json(value).utf8 ?? [])[...]
    }

    @inline(__always)
    private func isString(_ value: Int) -> Bool { kind(value) == .plainString || kind(value) == .escapedString }

    @inline(__always)
    private func isNumber(_ value: Int) -> Bool { kind(value) == .integer || kind(value) == .decimal }

    @inline(__always)
    private func find(_ value: Int, _ names: Names) -> Int { withOctets(value) { names.find($0) } }

    @inline(__always)
    private func accepts(_ types: TypeSet, _ value: Int) -> Bool {
        switch kind(value) {
        case .plainString, .escapedString: types.contains(.string)
        case .object: types.contains(.object)
        case .array: types.contains(.array)
        case .integer: !types.isDisjoint(with: [.number, .integer])
        case .true, .false: types.contains(.boolean)
        case .null: types.contains(.null)
        case .decimal: types.contains(.number) || types.contains(.integer) && json(value).number?.isInteger == true
        }
    }

    private func holds(_ bound: FlatBound, _ value: Int) -> Bool {
        guard isNumber(value) else { return true }
        if kind(value) == .integer, let limit = bound.small, let number = smallInteger(value) {
            return bound.holds(number, against: limit)
        }
        return bound.holds(json(value))
    }

    /// An integer of up to 18 digits.
    private func smallInteger(_ value: Int) -> Int? {
        let entry = entries[value]
        guard entry.length <= 18 else { return nil }
        var at = bytes + Int(entry.start)
        let end = at + Int(entry.length)
        let isNegative = at.pointee == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var number = 0
        while at < end {
            number = number &* 10 &+ Int(at.pointee &- UInt8(ascii: "0"))
            at += 1
        }
        return isNegative ? -number : number
    }

    /// Counts code points, where the number of octets does not decide already: a code point has one to four.
    private func hasLength(_ value: Int, _ least: Int, _ most: Int) -> Bool {
        withOctets(value) { octets in
            if octets.count <= most, (octets.count + 3) / 4 >= least { return true }
            let count = octets.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
            return count >= least && count <= most
        }
    }

    /// How many elements an array has, or with a step over each name how many members an object has.
    private func count(_ value: Int, step: Int) -> Int {
        var count = 0
        var at = value + 1
        let end = Int(entries[value].next)
        while at < end {
            count += 1
            at = after(at + step)
        }
        return count
    }
}
