/// Punycode (RFC 3492) with the parameters of its §5, for single labels.
enum Punycode {
    private static let base = 36
    private static let leastThreshold = 1
    private static let greatestThreshold = 26
    private static let firstBias = 72
    private static let firstCodePoint = 0x80
    private static let delimiter = UInt32(UInt8(ascii: "-"))
    /// No delta that stands for a code point of a label is greater, so none overflows (§6.4).
    private static let greatestDelta = 0x11_0000 * 64

    /// §6.2. Digits are of lower case.
    /// - Returns: nil where the text is no Punycode, or stands for more than Unicode has or for more than 63 code points.
    static func decode(_ text: ArraySlice<UInt32>) -> [UInt32]? {
        guard text.count <= 63 else { return nil }
        var output: [UInt32] = []
        var digits = text
        if let end = text.lastIndex(of: delimiter), end > text.startIndex {
            output = Array(text[..<end])
            digits = text[(end + 1)...]
        }
        let basicCount = output.count
        var (codePoint, index, bias) = (firstCodePoint, 0, firstBias)
        while !digits.isEmpty {
            guard let delta = takeInteger(&digits, bias: bias) else { return nil }
            bias = adapted(delta, count: output.count + 1, isFirst: output.count == basicCount)
            index += delta
            codePoint += index / (output.count + 1)
            index %= output.count + 1
            guard codePoint < 0x11_0000 else { return nil }
            output.insert(UInt32(codePoint), at: index)
            index += 1
        }
        return output
    }

    /// §6.3.
    /// - Parameter label: at most 63 code points.
    static func encode(_ label: [UInt32]) -> [UInt32] {
        var output = label.filter { $0 < firstCodePoint }
        let basicCount = output.count
        var done = basicCount
        if basicCount > 0 { output.append(delimiter) }
        var (codePoint, delta, bias) = (UInt32(firstCodePoint), 0, firstBias)
        while done < label.count, let next = label.lazy.filter({ $0 >= codePoint }).min() {
            delta += Int(next - codePoint) * (done + 1)
            for current in label {
                if current < next { delta += 1 }
                guard current == next else { continue }
                appendInteger(delta, bias: bias, to: &output)
                bias = adapted(delta, count: done + 1, isFirst: done == basicCount)
                delta = 0
                done += 1
            }
            delta += 1
            codePoint = next + 1
        }
        return output
    }

    private static func takeInteger(_ digits: inout ArraySlice<UInt32>, bias: Int) -> Int? {
        var (value, weight, position) = (0, 1, base)
        while let digit = digits.popFirst().flatMap(digitValue) {
            value += digit * weight
            guard value <= greatestDelta else { return nil }
            let threshold = threshold(at: position, bias: bias)
            if digit < threshold { return value }
            weight *= base - threshold
            position += base
        }
        return nil
    }

    private static func appendInteger(_ delta: Int, bias: Int, to output: inout [UInt32]) {
        var (rest, position) = (delta, base)
        while true {
            let threshold = threshold(at: position, bias: bias)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(digit(rest))
    }

    private static func threshold(at position: Int, bias: Int) -> Int {
        min(max(position - bias, leastThreshold), greatestThreshold)
    }

    /// §6.1, with skew 38 and damp 700.
    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / 700 : delta / 2
        rest += rest / count
        var steps = 0
        while rest > (base - leastThreshold) * greatestThreshold / 2 {
            rest /= base - leastThreshold
            steps += base
        }
        return steps + (base - leastThreshold + 1) * rest / (rest + 38)
    }

    private static func digitValue(_ character: UInt32) -> Int? {
        switch character {
        case 0x61...0x7A: Int(character) - 0x61
        case 0x30...0x39: Int(character) - 0x30 + 26
        default: nil
        }
    }

    private static func digit(_ value: Int) -> UInt32 {
        UInt32(value < 26 ? value + 0x61 : value - 26 + 0x30)
    }
}
