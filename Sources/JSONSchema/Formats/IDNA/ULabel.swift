/// What makes a label of Unicode a U-label (RFC 5890 §2.3.2.1, RFC 5891 §4.2).
enum ULabel {
    /// Whether the label is of permitted code points in their contexts, in normalization form C, and holds at least one
    /// that is not ASCII. The Bidi rule, which looks at the whole name, and the length of the A-label are left to the
    /// caller.
    /// - Parameter label: at most 63 code points; the contexts cost at most the square of that.
    static func isValid(_ label: [UInt32]) -> Bool {
        guard let first = label.first, let last = label.last, label.contains(where: { $0 >= 0x80 }) else {
            return false
        }
        guard first != hyphen, last != hyphen, !hasReservedHyphens(label), !isMark(first) else { return false }
        for (index, codePoint) in label.enumerated() {
            guard UnicodeTables.protocolValid.contains(codePoint) || ContextualRules.permit(label, at: index) else {
                return false
            }
        }
        return Normalization.isComposed(label)
    }

    /// Hyphens in the third and fourth places: the sign of an A-label or of what is reserved (RFC 5890 §2.3.1).
    static func hasReservedHyphens(_ label: [UInt32]) -> Bool {
        label.count >= 4 && label[2] == hyphen && label[3] == hyphen
    }

    private static let hyphen = UInt32(UInt8(ascii: "-"))

    /// General_Category M (RFC 5891 §4.2.3.2).
    private static func isMark(_ codePoint: UInt32) -> Bool {
        switch Unicode.Scalar(codePoint)?.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
