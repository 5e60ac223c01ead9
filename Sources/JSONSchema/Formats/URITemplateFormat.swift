/// RFC 6570 §2, every level, with erratum 6937: an apostrophe is a literal. Operators that the grammar reserves for later
/// are of the grammar.
func isURITemplate(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    while let codePoint = scanner.nextCodePoint() {
        guard let byte = UInt8(exactly: codePoint), byte < 0x80 else {
            guard URICharacters.isUCS(codePoint) || URICharacters.isPrivate(codePoint) else { return false }
            continue
        }
        switch byte {
        case UInt8(ascii: "{"):
            let expression = scanner.take { $0 != UInt8(ascii: "}") }
            guard scanner.take("}"), isExpression(expression) else { return false }
        case UInt8(ascii: "%"): guard scanner.takeEscape() else { return false }
        case 0...0x20, 0x7F: return false
        default: if byte.isOne(of: "\"<>\\^`|}") { return false }
        }
    }
    return scanner.isAtEnd
}

/// §2.2.
private func isExpression(_ text: ArraySlice<UInt8>) -> Bool {
    let variables = text.first?.isOne(of: "+#./;?&=,!@|") == true ? text.dropFirst() : text
    return variables.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy(isVariable)
}

/// §2.3 and §2.4: a name, and a prefix length of 1 to 9999 or a star.
private func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    repeat {
        guard scanVariableCharacters(&scanner) else { return false }
    } while scanner.take(".")
    if scanner.take(":") {
        let digits = scanner.take(where: \.isDigit)
        return scanner.isAtEnd && (1...4).contains(digits.count) && digits.first != UInt8(ascii: "0")
    }
    _ = scanner.take("*")
    return scanner.isAtEnd
}

/// At least one.
private func scanVariableCharacters(_ scanner: inout Scanner) -> Bool {
    let start = scanner.at
    while let byte = scanner.peek, byte.isLetter || byte.isDigit || byte.isOne(of: "_%") {
        _ = scanner.next()
        if byte == UInt8(ascii: "%"), !scanner.takeEscape() { return false }
    }
    return scanner.at > start
}
