/// RFC 1123 §2.1: labels of letters, digits and inner hyphens, at most 63 octets each and 253 together.
func isHostname(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.count <= 253 else { return false }
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            && label.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    }
}

/// RFC 2673 §3.2: four decimal octets without leading zeros.
func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            (1...3).contains(part.count) && part.allSatisfy(\.isDigit)
                && (part.count == 1 || part.first != UInt8(ascii: "0"))
                && part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } < 256
        }
}

/// RFC 4291 §2.2, without a zone.
func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.count <= 45 else { return false }
    var groups = 0
    var isCompressed = false
    var scanner = Scanner(text)
    if scanner.take(":") {
        guard scanner.take(":") else { return false }
        isCompressed = true
    }
    while !scanner.isAtEnd {
        if scanner.rest.contains(UInt8(ascii: ".")), !scanner.rest.contains(UInt8(ascii: ":")) {
            guard isIPv4(scanner.rest) else { return false }
            groups += 2
            break
        }
        guard (1...4).contains(scanner.take(where: \.isHexDigit).count) else { return false }
        groups += 1
        if scanner.isAtEnd { break }
        guard scanner.take(":") else { return false }
        if scanner.take(":") {
            if isCompressed { return false }
            isCompressed = true
        } else if scanner.isAtEnd {
            return false
        }
    }
    return isCompressed ? groups <= 7 : groups == 8
}

/// RFC 5321 §4.1.2 `Mailbox`, in ASCII.
func isEmail(_ text: ArraySlice<UInt8>) -> Bool {
    guard let separator = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
    let (local, domain) = (text[..<separator], text[(separator + 1)...])
    guard (1...64).contains(local.count), isLocalPart(local) else { return false }
    guard domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]") else { return isHostname(domain) }
    let address = domain.dropFirst().dropLast()
    let isTagged = String(decoding: address.prefix(5), as: UTF8.self).lowercased() == "ipv6:"
    return isTagged ? isIPv6(address.dropFirst(5)) : isIPv4(address)
}

private func isLocalPart(_ text: ArraySlice<UInt8>) -> Bool {
    if text.first == UInt8(ascii: "\"") { return isQuotedString(text) }
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
        !atom.isEmpty && atom.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "!#$%&'*+-/=?^_`{|}~") }
    }
}

private func isQuotedString(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text.dropFirst())
    while let byte = scanner.next() {
        switch byte {
        case UInt8(ascii: "\""): return scanner.isAtEnd
        case UInt8(ascii: "\\"): guard let escaped = scanner.next(), (32...126).contains(escaped) else { return false }
        case 32...126: continue
        default: return false
        }
    }
    return false
}

/// RFC 4122 §3: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == 36
        && text.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : byte.isHexDigit
        }
}
