/// RFC 2673 §3.2: four decimal octets. Zeros do not lead, for some readers take them for octal (RFC 6943 §3.1.1).
func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
    isDottedQuad(text) { $0.count == 1 || $0.first != UInt8(ascii: "0") }
}

/// Four numbers below 256 of one to three digits, with a further condition on each.
func isDottedQuad(_ text: ArraySlice<UInt8>, where permits: (ArraySlice<UInt8>) -> Bool) -> Bool {
    var scanner = Scanner(text)
    for index in 0..<4 {
        if index > 0, !scanner.take(".") { return false }
        let digits = scanner.take(where: \.isDigit)
        guard (1...3).contains(digits.count), permits(digits),
            digits.reduce(0, { $0 * 10 + Int($1 - UInt8(ascii: "0")) }) < 256
        else { return false }
    }
    return scanner.isAtEnd
}

/// RFC 4291 §2.2, without a zone.
/// - Parameters:
///   - shortestGap: how many groups of zeros `::` stands for at least.
///   - isEmbedded: whether the text after the last colon is an IPv4 address.
func isIPv6(
    _ text: ArraySlice<UInt8>, shortestGap: Int = 1, embedding isEmbedded: (ArraySlice<UInt8>) -> Bool = isIPv4
) -> Bool {
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
            guard isEmbedded(scanner.rest) else { return false }
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
    return isCompressed ? groups + shortestGap <= 8 : groups == 8
}
