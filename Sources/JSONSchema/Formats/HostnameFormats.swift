/// RFC 1123 §2.1: labels of letters, digits and inner hyphens, at most 63 octets each and 253 together (RFC 1035 §3.1).
/// A label that looks like an A-label has to be one (RFC 5890 §2.3.2.1), and the dotted-decimal form is no name.
/// Where international, labels may be U-labels too, and their A-labels have these lengths.
func isHostname(_ text: ArraySlice<UInt8>, international: Bool) -> Bool {
    var scanner = Scanner(text)
    var name = HostName()
    var label: [UInt32] = []
    while let codePoint = scanner.nextCodePoint() {
        if codePoint == 0x2E || international && isOtherFullStop(codePoint) {
            guard name.append(label) else { return false }
            label.removeAll(keepingCapacity: true)
        } else {
            guard label.count < 63, codePoint < 0x80 || international else { return false }
            label.append(codePoint)
        }
    }
    return scanner.isAtEnd && name.append(label) && !name.isDottedDecimal && name.fulfilsBidiRule
}

/// The full stops of East Asian writing that separate labels like the ASCII one. IDNA2008 tells what a label is and
/// leaves open how a text separates them (RFC 5891 appendix A); RFC 3490 §3.1 and RFC 5895 §2 both take these.
private func isOtherFullStop(_ codePoint: UInt32) -> Bool {
    codePoint == 0x3002 || codePoint == 0xFF0E || codePoint == 0xFF61
}

/// A host name that grows label by label.
struct HostName {
    private var octets = -1
    private var labels = 0
    private var isNumeric = true
    private var isBidi = false
    private var breaksBidiRule = false

    /// The form #.#.#.#, which no host name has (RFC 1123 §2.1).
    var isDottedDecimal: Bool { isNumeric && labels == 4 }
    /// RFC 5893 §2: in a name with one label from right to left, those of ASCII are under the rule too.
    var fulfilsBidiRule: Bool { !(isBidi && breaksBidiRule) }

    /// - Parameters:
    ///   - label: at most 63 code points.
    ///   - checksALabels: whether hyphens in the third and fourth places are taken for the sign of an A-label.
    /// - Returns: false where the label is none, or the name gets longer than 253 octets.
    mutating func append(_ label: [UInt32], checksALabels: Bool = true) -> Bool {
        let isASCII = label.allSatisfy { $0 < 0x80 }
        guard isASCII ? Self.isLDHLabel(label) : ULabel.isValid(label) else { return false }
        var meaning = label
        if isASCII {
            octets += 1 + label.count
            if checksALabels, ULabel.hasReservedHyphens(label) {
                guard let decoded = Self.decodedALabel(label) else { return false }
                meaning = decoded
            }
        } else {
            let length = 4 + Punycode.encode(label).count
            guard length <= 63 else { return false }
            octets += 1 + length
        }
        labels += 1
        isNumeric = isNumeric && label.allSatisfy { (0x30...0x39).contains($0) }
        isBidi = isBidi || BidiRule.concerns(meaning)
        breaksBidiRule = breaksBidiRule || !BidiRule.permits(meaning)
        return octets <= 253
    }

    private static func isLDHLabel(_ label: [UInt32]) -> Bool {
        (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D
            && label.allSatisfy { codePoint in
                let byte = UInt8(truncatingIfNeeded: codePoint)
                return byte.isLetter || byte.isDigit || byte == 0x2D
            }
    }

    /// The U-label of an A-label of any case (RFC 5891 §5.3 and §5.4); nil where it is none.
    private static func decodedALabel(_ label: [UInt32]) -> [UInt32]? {
        let lowercase = label.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard lowercase.starts(with: [0x78, 0x6E]), let decoded = Punycode.decode(lowercase[4...]),
            ULabel.isValid(decoded), Punycode.encode(decoded)[...] == lowercase[4...]
        else { return nil }
        return decoded
    }
}
