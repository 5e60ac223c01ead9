/// The Bidi rule of RFC 5893 §2. Labels hold only code points that are permitted.
enum BidiRule {
    private enum Class { case leftToRight, rightToLeft, arabicNumber, europeanNumber, nonspacingMark, neutral }

    /// Whether the label makes its name a Bidi domain name, all labels of which are under the rule (§1.4).
    static func concerns(_ label: [UInt32]) -> Bool {
        label.contains { UnicodeTables.rightToLeft.contains($0) || UnicodeTables.arabicNumber.contains($0) }
    }

    /// Conditions 1 to 6.
    static func permits(_ label: [UInt32]) -> Bool {
        let classes = label.map(bidiClass)
        guard let last = classes.last(where: { $0 != .nonspacingMark }) else { return false }
        switch classes.first {
        case .rightToLeft:
            return (last == .rightToLeft || last == .europeanNumber || last == .arabicNumber)
                && !classes.contains(.leftToRight)
                && !(classes.contains(.europeanNumber) && classes.contains(.arabicNumber))
        case .leftToRight:
            return (last == .leftToRight || last == .europeanNumber)
                && !classes.contains(.rightToLeft) && !classes.contains(.arabicNumber)
        default: return false
        }
    }

    private static func bidiClass(_ codePoint: UInt32) -> Class {
        if UnicodeTables.rightToLeft.contains(codePoint) { return .rightToLeft }
        if UnicodeTables.europeanNumber.contains(codePoint) { return .europeanNumber }
        if UnicodeTables.arabicNumber.contains(codePoint) { return .arabicNumber }
        if UnicodeTables.nonspacingMark.contains(codePoint) { return .nonspacingMark }
        if UnicodeTables.neutral.contains(codePoint) { return .neutral }
        return .leftToRight
    }
}
