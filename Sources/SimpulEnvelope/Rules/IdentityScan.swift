/// What in a text reads like somebody's number or address: NIK, passport, telephone, e-mail. Patterns that can be judged
/// and no more; a name is none of them. Digits, spaces and dashes of other scripts count as what they look like, since
/// texts are pasted from word processors. One pass, linear in the text's length.
struct IdentityScan {
    /// Numbers of 16 digits that begin as a region does, 11 or higher, and whose seventh to tenth could be a day of
    /// birth (of women plus 40) and a month.
    private(set) var identityNumbers: [String] = []
    /// Whether something reads like a passport's number: one letter and seven digits, or two and six to eight.
    private(set) var hasPassport = false
    /// Whether something reads like a telephone number.
    private(set) var hasPhone = false
    /// Whether something reads like an e-mail address.
    private(set) var hasEmail = false

    private let text: [UInt8]
    private let allowed: Set<[UInt8]>

    /// Scans UTF-8.
    /// - Parameter contacts: texts with telephone numbers and addresses that are meant to be public.
    init(of octets: [UInt8], allowing contacts: [[UInt8]] = []) {
        let text = Self.plain(octets)
        self.text = text
        allowed = Set(contacts.map { Self.normalised(Self.plain($0)) })
        var at = 0
        while at < text.count {
            switch text[at] {
            case let byte where byte.isDigit || byte == UInt8(ascii: "+"): at = number(from: at)
            case let byte where byte.isLetter: at = word(from: at)
            default: at += 1
            }
        }
    }

    /// The text with ASCII for what looks like it, and without what is not seen.
    private static func plain(_ octets: [UInt8]) -> [UInt8] {
        guard octets.contains(where: { $0 >= 0x80 }) else { return octets }
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                result.append(UInt8(scalar.value))
            } else if (0xFF01...0xFF5E).contains(scalar.value) {
                // The fullwidth forms stand in the order of ASCII.
                result.append(UInt8(scalar.value - 0xFEE0))
            } else if let value = scalar.properties.numericValue, (0...9).contains(value), value == value.rounded() {
                result.append(UInt8(ascii: "0") + UInt8(value))
            } else {
                switch scalar.properties.generalCategory {
                case .spaceSeparator: result.append(UInt8(ascii: " "))
                case .dashPunctuation: result.append(UInt8(ascii: "-"))
                case .format, .nonspacingMark, .enclosingMark: break
                default: result += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                }
            }
        }
        return result
    }

    /// A telephone number without what people set between digits, and with the country's code; an address in lower case.
    private static func normalised(_ contact: [UInt8]) -> [UInt8] {
        guard !contact.contains(UInt8(ascii: "@")) else { return contact.map { $0 | 0x20 } }
        let digits = contact.filter(\.isDigit)
        return digits.first == UInt8(ascii: "0") ? Array("62".utf8) + digits.dropFirst() : digits
    }

    // MARK: Numbers

    /// Groups of digits that are judged together; each two of them cost one comparison. Behind the last begins a new
    /// number, so one that lies across is missed.
    private static let mostGroups = 32

    /// Reads groups of digits with one or two separators between them, and judges them together.
    private mutating func number(from start: Int) -> Int {
        var at = start
        let isInternational = text[at] == UInt8(ascii: "+")
        if isInternational { at += 1 }
        var groups: [ArraySlice<UInt8>] = []
        while at < text.count, text[at].isDigit {
            let end = text[at...].firstIndex { !$0.isDigit } ?? text.count
            groups.append(text[at..<end])
            at = end
            let gap = text[at...].prefix(2).prefix { $0.isSeparator }.count
            guard gap > 0, at + gap < text.count, text[at + gap].isDigit, groups.count < Self.mostGroups else { break }
            at += gap
        }
        guard !groups.isEmpty else { return at }
        if at < text.count, text[at].isLetter || "_%+@".utf8.contains(text[at]) {
            return skipWord(from: groups.last?.startIndex ?? at)
        }
        judgeIdentityNumber(groups)
        judgePhone(groups, isInternational: isInternational)
        return at
    }

    /// Looks at each group, and at each row of three or more: two are as often a pair of other numbers.
    private mutating func judgeIdentityNumber(_ groups: [ArraySlice<UInt8>]) {
        for start in groups.indices {
            var digits: [UInt8] = []
            for end in groups[start...].indices {
                digits += groups[end]
                guard digits.count < 16 else {
                    if digits.count == 16, end - start != 1 { judgeIdentityNumber(digits) }
                    break
                }
            }
        }
    }

    private mutating func judgeIdentityNumber(_ digits: [UInt8]) {
        let region = 10 * digits[0].digit + digits[1].digit
        let day = 10 * digits[6].digit + digits[7].digit
        let month = 10 * digits[8].digit + digits[9].digit
        guard region >= 11, (1...31).contains(day) || (41...71).contains(day), (1...12).contains(month) else { return }
        identityNumbers.append(String(decoding: digits, as: UTF8.self))
    }

    /// Looks for one that the first group begins, and for a mobile one that a later group does.
    private mutating func judgePhone(_ groups: [ArraySlice<UInt8>], isInternational: Bool) {
        for start in groups.indices where !hasPhone {
            let isFirst = start == 0
            let first = groups[start]
            switch first {
            case _ where isFirst && isInternational: judgePhone(groups[start...], 8...15)
            case _ where first.starts(with: "08".utf8) && first.count >= 4: judgePhone(groups[start...], 10...13)
            case _ where first.starts(with: "628".utf8): judgePhone(groups[start...], 11...14)
            case _ where isFirst && first.first == UInt8(ascii: "0") && (3...4).contains(first.count):
                if groups.count > 1 { judgePhone(groups[start...], 9...12) }
            default: continue
            }
        }
    }

    /// A number of people may be followed by digits that are none of its, so every whole group may be its last.
    private mutating func judgePhone(_ groups: ArraySlice<ArraySlice<UInt8>>, _ lengths: ClosedRange<Int>) {
        var digits: [UInt8] = []
        var isPhone = false
        for group in groups {
            digits += group
            guard digits.count <= lengths.upperBound else { break }
            guard lengths.contains(digits.count) else { continue }
            guard !allowed.contains(Self.normalised(digits)) else { return }
            isPhone = true
        }
        hasPhone = isPhone
    }

    // MARK: Words

    private mutating func word(from start: Int) -> Int {
        let letters = text[start...].prefix { $0.isCapital }.count
        let digits = text[(start + letters)...].prefix { $0.isDigit }.count
        let end = start + letters + digits
        let isWhole = end == text.count || !text[end].isLetter
        if isWhole, letters == 1 && digits == 7 || letters == 2 && (6...8).contains(digits) { hasPassport = true }
        // A long number is read as one although a word stands right before it.
        let label = text[start...].prefix { $0.isLetter }
        guard text[label.endIndex...].prefix(9).count(where: \.isDigit) < 9 else { return label.endIndex }
        return skipWord(from: start)
    }

    /// The end of a word, and of the address that it may be part of.
    private mutating func skipWord(from start: Int) -> Int {
        let end = text[start...].firstIndex { !$0.isAddress } ?? text.count
        let name = text[start..<end]
        guard end < text.count, text[end] == UInt8(ascii: "@"), !name.isEmpty else { return end }
        let domain = text[(end + 1)...].prefix { $0.isAddress }
        let labels = domain.split(separator: UInt8(ascii: "."))
        guard labels.count > 1 else { return end + 1 }
        let address = Array(name) + [UInt8(ascii: "@")] + labels.joined(separator: [UInt8(ascii: ".")])
        if !allowed.contains(Self.normalised(address)) { hasEmail = true }
        return domain.endIndex
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var digit: Int { Int(self) - 0x30 }
    fileprivate var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self >= 0x80 }
    fileprivate var isSeparator: Bool { " .-()".utf8.contains(self) }
    fileprivate var isAddress: Bool { isDigit || isLetter || "._%+-".utf8.contains(self) }
}
