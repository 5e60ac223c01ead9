extension RegexParser {
    /// The quantifier at the position, if there is one; `?` behind it changes no verdict.
    mutating func quantifier() throws(RegexError) -> (Int, Int?)? {
        let bounds: (Int, Int?)
        switch peek {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            at += 1
            bounds = try counts()
        default: return nil
        }
        at += 1
        _ = take("?")
        return bounds
    }

    /// The inside of braces; stops on the closing one.
    private mutating func counts() throws(RegexError) -> (Int, Int?) {
        guard let minimum = number() else { throw fault("a quantifier that is malformed") }
        var maximum: Number? = minimum
        if take(",") { maximum = number() }
        guard peek == "}" else { throw fault("a quantifier that is malformed") }
        if let maximum, maximum.isBelow(minimum) { throw fault("a quantifier whose numbers are out of order") }
        return (minimum.value, maximum?.value)
    }

    /// A number as it is written. The value stops at a thousand millions, which is more than any automaton's size.
    struct Number {
        var value = 0
        /// Without leading zeros.
        var digits: [UInt8] = []

        func isBelow(_ other: Number) -> Bool {
            digits.count == other.digits.count
                ? digits.lexicographicallyPrecedes(other.digits) : digits.count < other.digits.count
        }
    }

    /// DecimalDigits, or nil where there are none.
    mutating func number() -> Number? {
        guard let first = peek, ("0"..."9").contains(first) else { return nil }
        var number = Number()
        while let next = peek, ("0"..."9").contains(next) {
            let digit = UInt8(truncatingIfNeeded: next.value - 0x30)
            if digit > 0 || !number.digits.isEmpty { number.digits.append(digit) }
            number.value = min(number.value * 10 + Int(digit), 1_000_000_000)
            at += 1
        }
        return number
    }
}
