/// RFC 3986 §3 and §4.1, and RFC 3987 §2.2 where international.
func isURI(_ text: ArraySlice<UInt8>, international: Bool, needsScheme: Bool) -> Bool {
    let reference = URIReference(String(decoding: text, as: UTF8.self))
    if let scheme = reference.scheme {
        guard isScheme(Array(scheme.utf8)[...]) else { return false }
    } else {
        // Without a scheme the first segment may not hold a colon (§4.2), else it would be taken for one.
        guard !needsScheme else { return false }
        if reference.authority == nil, reference.path.prefix(while: { $0 != "/" }).contains(":") { return false }
    }
    func fits(_ part: String?, _ extra: StaticString) -> Bool {
        part.map { isURIText(Array($0.utf8)[...], extra, international) } ?? true
    }
    return fits(reference.path, ":@/") && fits(reference.query, ":@/?") && fits(reference.fragment, ":@/?")
        && (reference.authority.map { isAuthority(Array($0.utf8)[...], international) } ?? true)
}

private func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    text.first?.isLetter == true && text.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "+-.") }
}

/// Unreserved characters, sub-delimiters, percent escapes and the extra ones.
private func isURIText(_ text: ArraySlice<UInt8>, _ extra: StaticString, _ international: Bool) -> Bool {
    var scanner = Scanner(text)
    while let byte = scanner.next() {
        if byte == UInt8(ascii: "%") {
            guard scanner.next()?.isHexDigit == true, scanner.next()?.isHexDigit == true else { return false }
        } else if byte >= 0x80 {
            guard international else { return false }
        } else {
            guard byte.isLetter || byte.isDigit || byte.isOne(of: "-._~!$&'()*+,;=") || byte.isOne(of: extra) else {
                return false
            }
        }
    }
    return true
}

private func isAuthority(_ text: ArraySlice<UInt8>, _ international: Bool) -> Bool {
    var host = text
    if let separator = text.firstIndex(of: UInt8(ascii: "@")) {
        guard isURIText(text[..<separator], ":", international) else { return false }
        host = text[(separator + 1)...]
    }
    if host.first == UInt8(ascii: "[") {
        guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let port = host[(end + 1)...]
        guard port.isEmpty || port.first == UInt8(ascii: ":") else { return false }
        return isIPLiteral(host[(host.startIndex + 1)..<end]) && port.dropFirst().allSatisfy(\.isDigit)
    }
    let name = host.prefix { $0 != UInt8(ascii: ":") }
    return isURIText(name, "", international) && host[name.endIndex...].dropFirst().allSatisfy(\.isDigit)
}

private func isIPLiteral(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first.map({ $0 | 0x20 }) == UInt8(ascii: "v") else { return isIPv6(text) }
    var scanner = Scanner(text.dropFirst())
    guard !scanner.take(where: \.isHexDigit).isEmpty, scanner.take(".") else { return false }
    return !scanner.isAtEnd && !scanner.rest.contains(UInt8(ascii: "%")) && isURIText(scanner.rest, ":", false)
}

/// RFC 6570 §2, every level.
func isURITemplate(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    while let byte = scanner.next() {
        switch byte {
        case UInt8(ascii: "{"):
            let expression = scanner.take { $0 != UInt8(ascii: "}") }
            guard scanner.take("}"), isExpression(expression) else { return false }
        case UInt8(ascii: "%"):
            guard scanner.next()?.isHexDigit == true, scanner.next()?.isHexDigit == true else { return false }
        case 0...0x20, 0x7F: return false
        default: if byte.isOne(of: "\"'<>\\^`|}") { return false }
        }
    }
    return true
}

private func isExpression(_ text: ArraySlice<UInt8>) -> Bool {
    let variables = text.first?.isOne(of: "+#./;?&=,!@|") == true ? text.dropFirst() : text
    return variables.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { variable in
        var scanner = Scanner(variable)
        repeat {
            let start = scanner.at
            while let byte = scanner.peek {
                if byte == UInt8(ascii: "%") {
                    _ = scanner.next()
                    guard scanner.next()?.isHexDigit == true, scanner.next()?.isHexDigit == true else { return false }
                } else if byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") {
                    _ = scanner.next()
                } else {
                    break
                }
            }
            if scanner.at == start { return false }
        } while scanner.take(".")
        if scanner.take(":") {
            guard let first = scanner.peek, first != UInt8(ascii: "0") else { return false }
            guard (1...4).contains(scanner.take(where: \.isDigit).count) else { return false }
        } else {
            _ = scanner.take("*")
        }
        return scanner.isAtEnd
    }
}

/// RFC 6901 §3.
func isJSONPointer(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.isEmpty || text.first == UInt8(ascii: "/") else { return false }
    var scanner = Scanner(text)
    while let byte = scanner.next() {
        if byte == UInt8(ascii: "~"), scanner.next()?.isOne(of: "01") != true { return false }
    }
    return true
}

/// A count of levels upwards without leading zeros, then a JSON pointer or `#`.
func isRelativeJSONPointer(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    let levels = scanner.take(where: \.isDigit)
    guard !levels.isEmpty, levels.count == 1 || levels.first != UInt8(ascii: "0") else { return false }
    return scanner.rest.elementsEqual([UInt8(ascii: "#")]) || isJSONPointer(scanner.rest)
}
