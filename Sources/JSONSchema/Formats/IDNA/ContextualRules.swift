/// The rules for code points that are permitted in some contexts only (RFC 5892 appendix A).
enum ContextualRules {
    /// Whether there is a rule for the code point at that place, and the label fulfils it.
    static func permit(_ label: [UInt32], at index: Int) -> Bool {
        let before = index > 0 ? label[index - 1] : nil
        let after = index + 1 < label.count ? label[index + 1] : nil
        switch label[index] {
        case 0x200C: return isVirama(before) || joins(label, around: index)  // A.1, zero width non-joiner
        case 0x200D: return isVirama(before)  // A.2, zero width joiner
        case 0x00B7: return before == 0x6C && after == 0x6C  // A.3, middle dot between two l
        case 0x0375: return after.map(UnicodeTables.greek.contains) ?? false  // A.4, keraia
        case 0x05F3, 0x05F4: return before.map(UnicodeTables.hebrew.contains) ?? false  // A.5, A.6
        case 0x30FB: return label.contains(where: UnicodeTables.japanese.contains)  // A.7, Katakana middle dot
        case 0x0660...0x0669: return !label.contains { (0x06F0...0x06F9).contains($0) }  // A.8
        case 0x06F0...0x06F9: return !label.contains { (0x0660...0x0669).contains($0) }  // A.9
        default: return false
        }
    }

    private static func isVirama(_ codePoint: UInt32?) -> Bool {
        codePoint.flatMap(Unicode.Scalar.init)?.properties.canonicalCombiningClass == .virama
    }

    /// Whether the nearest letters on both sides, with only transparent ones between, would join if the non-joiner were
    /// not there.
    private static func joins(_ label: [UInt32], around index: Int) -> Bool {
        let isTransparent = UnicodeTables.transparent.contains
        guard let before = label[..<index].last(where: { !isTransparent($0) }),
            let after = label[(index + 1)...].first(where: { !isTransparent($0) })
        else { return false }
        return UnicodeTables.joinsLeft.contains(before) && UnicodeTables.joinsRight.contains(after)
    }
}
