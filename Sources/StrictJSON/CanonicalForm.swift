/// Why a value has no canonical form.
public enum CanonicalError: Error, Hashable, Sendable {
    /// A number beyond binary64, at that offset of the text.
    case numberOutOfRange(offset: Int)
}

extension JSONValue {
    /// The canonical form of RFC 8785: no white space, members in the order of their names' UTF-16 code units, strings
    /// with the fewest escapes, numbers as ECMAScript writes the nearest binary64.
    ///
    /// Two values have the same form exactly where they mean the same to a reader who keeps numbers as binary64: what a
    /// number says beyond that is lost, as the RFC wants it. Memory is about that of the text, in which a number may grow
    /// to 25 octets, and some dozen octets and the name for each member of the object that is written.
    /// - Throws: ``CanonicalError`` where a number has no finite binary64.
    public func canonical() throws(CanonicalError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(source.count)
        try writeCanonical(to: &output)
        return output
    }

    private func writeCanonical(to output: inout [UInt8]) throws(CanonicalError) {
        switch kind {
        case .null, .boolean: output += source
        case .number:
            guard let double = number?.double, double.isFinite else { throw .numberOutOfRange(offset: offset) }
            output += Array(CanonicalForm.text(of: double).utf8)
        case .string: CanonicalForm.write(utf8 ?? [], to: &output)
        case .array:
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try element.writeCanonical(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object: try writeCanonicalMembers(to: &output)
        }
    }

    private func writeCanonicalMembers(to output: inout [UInt8]) throws(CanonicalError) {
        let sorted = members.map { (name: $0.name.string ?? "", value: $0.value) }
            .sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
        output.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            CanonicalForm.write(Array(member.name.utf8), to: &output)
            output.append(UInt8(ascii: ":"))
            try member.value.writeCanonical(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}

/// How RFC 8785 writes strings and numbers.
enum CanonicalForm {
    /// RFC 8785 §3.2.2.2.
    static func write(_ octets: [UInt8], to output: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        output.append(UInt8(ascii: "\""))
        for octet in octets {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), octet]
            case 0x08: output += Array("\\b".utf8)
            case 0x09: output += Array("\\t".utf8)
            case 0x0A: output += Array("\\n".utf8)
            case 0x0C: output += Array("\\f".utf8)
            case 0x0D: output += Array("\\r".utf8)
            case 0..<0x20: output += Array("\\u00".utf8) + [hex[Int(octet >> 4)], hex[Int(octet & 15)]]
            default: output.append(octet)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// ECMA-262 `Number::toString` with radix 10, for a finite number (RFC 8785 §3.2.2.3).
    static func text(of number: Double) -> String {
        if number == 0 { return "0" }
        let (digits, point) = shortest(number.magnitude)
        let sign = number < 0 ? "-" : ""
        let text = String(decoding: digits, as: UTF8.self)
        if digits.count <= point && point <= 21 {
            return sign + text + String(repeating: "0", count: point - digits.count)
        }
        if 0 < point && point <= 21 { return sign + text.prefix(point) + "." + text.dropFirst(point) }
        if -6 < point && point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text }
        let exponent = (point > 0 ? "e+" : "e-") + String((point - 1).magnitude)
        return sign + text.prefix(1) + (digits.count > 1 ? "." : "") + text.dropFirst() + exponent
    }

    /// The fewest digits that read back to the same number, the closest of them, without zeros at either end; the value
    /// is 0.digits × 10^point. The standard library's description has those digits in another layout.
    private static func shortest(_ number: Double) -> (digits: [UInt8], point: Int) {
        let parts = number.description.split(separator: "e")
        var digits: [UInt8] = []
        var point = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var isFraction = false
        for byte in parts[0].utf8 {
            if byte == UInt8(ascii: ".") {
                isFraction = true
                continue
            }
            digits.append(byte)
            if !isFraction { point += 1 }
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        return (digits, point - zeros)
    }
}
