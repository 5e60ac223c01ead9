/// RFC 4122 §3: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12. Variant and version are not looked at, for the
/// grammar does not either.
func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    for (index, length) in [8, 4, 4, 4, 12].enumerated() {
        if index > 0, !scanner.take("-") { return false }
        guard scanner.take(where: \.isHexDigit).count == length else { return false }
    }
    return scanner.isAtEnd
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

/// draft-bhutton-relative-json-pointer-00 §3: a count of levels upwards, perhaps a step among the items of an array, then
/// a JSON pointer or `#`. The draft's grammar forgets a step before `#`, its evaluation has it (§4).
func isRelativeJSONPointer(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    guard scanNonNegativeInteger(&scanner) else { return false }
    if scanner.take("+") || scanner.take("-") {
        guard scanNonNegativeInteger(&scanner) else { return false }
    }
    return scanner.rest.elementsEqual("#".utf8) || isJSONPointer(scanner.rest)
}

/// Without leading zeros.
private func scanNonNegativeInteger(_ scanner: inout Scanner) -> Bool {
    let digits = scanner.take(where: \.isDigit)
    return digits.count == 1 || digits.count > 1 && digits.first != UInt8(ascii: "0")
}
