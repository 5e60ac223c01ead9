/// RFC 5321 §4.1.2 `Mailbox`, and RFC 6531 §3.3 where international: at most 254 octets, 64 of them before the at sign
/// (RFC 5321 §4.5.3.1).
func isEmail(_ text: ArraySlice<UInt8>, international: Bool) -> Bool {
    guard text.count <= 254, let separator = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
    let (local, domain) = (text[..<separator], text[(separator + 1)...])
    guard (1...64).contains(local.count), isLocalPart(local, international) else { return false }
    guard domain.first == UInt8(ascii: "[") else { return isMailDomain(domain, international) }
    return domain.last == UInt8(ascii: "]") && isAddressLiteral(domain.dropFirst().dropLast())
}

private func isLocalPart(_ text: ArraySlice<UInt8>, _ international: Bool) -> Bool {
    if text.first == UInt8(ascii: "\"") { return isQuotedString(text, international) }
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
        !atom.isEmpty
            && atom.allSatisfy {
                $0.isLetter || $0.isDigit || $0.isOne(of: "!#$%&'*+-/=?^_`{|}~") || international && $0 >= 0x80
            }
    }
}

private func isQuotedString(_ text: ArraySlice<UInt8>, _ international: Bool) -> Bool {
    var scanner = Scanner(text.dropFirst())
    while let byte = scanner.next() {
        switch byte {
        case UInt8(ascii: "\""): return scanner.isAtEnd
        case UInt8(ascii: "\\"): guard let escaped = scanner.next(), (32...126).contains(escaped) else { return false }
        case 32...126: continue
        default: guard international, byte >= 0x80 else { return false }
        }
    }
    return false
}

/// The grammar's own labels: it knows U-labels but no A-labels, and no separator but the full stop of ASCII.
private func isMailDomain(_ text: ArraySlice<UInt8>, _ international: Bool) -> Bool {
    var name = HostName()
    for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
        var scanner = Scanner(part)
        var label: [UInt32] = []
        while let codePoint = scanner.nextCodePoint() {
            guard label.count < 63, codePoint < 0x80 || international else { return false }
            label.append(codePoint)
        }
        guard scanner.isAtEnd, name.append(label, checksALabels: false) else { return false }
    }
    return name.fulfilsBidiRule
}

/// RFC 5321 §4.1.3. Zeros may lead in decimal octets, `::` stands for at least two groups, and of the tags that could
/// be registered only `IPv6` is.
private func isAddressLiteral(_ text: ArraySlice<UInt8>) -> Bool {
    func isIPv4Literal(_ text: ArraySlice<UInt8>) -> Bool { isDottedQuad(text) { _ in true } }
    var scanner = Scanner(text)
    for character in "ipv6:".utf8 {
        guard let byte = scanner.next(), byte.lowercased == character else { return isIPv4Literal(text) }
    }
    return isIPv6(scanner.rest, shortestGap: 2, embedding: isIPv4Literal)
}
