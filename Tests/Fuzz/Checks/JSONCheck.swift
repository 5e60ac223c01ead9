import StrictJSON

extension FuzzTarget {
    /// The JSON parser and writer (RFC 8259). Held true:
    /// * what is accepted is UTF-8, lies inside the text value by value, and written again parses to an equal value;
    /// * it is refused once its last byte is gone, once something follows, and once it may not nest so deeply;
    /// * what is refused names a place in the text, with the right line and column;
    /// * whole numbers beyond ±(2^53−1) are the only thing that interoperable limits refuse besides;
    /// * every string that is written reads back octet by octet, every number bit by bit.
    static let json = FuzzTarget(name: "json") { bytes throws(BrokenInvariant) in
        try checkWriter(of: String(decoding: bytes, as: UTF8.self))
        try checkWriter(of: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(bytes)
        } catch {
            return try checkRefusal(error, of: bytes)
        }
        try hold(document.bytes == bytes, "a document keeps its text")
        try hold(String(validating: bytes, as: UTF8.self) != nil, "what is accepted is UTF-8")
        try checkDepth(of: bytes, deepest: checkValue(document.root, in: document))
        try checkRewriting(document.root)
        try checkInteroperable(document)
        try checkEnds(document)
    }
}

private func checkWriter(of text: String) throws(BrokenInvariant) {
    let written = try? JSONDocument(JSON.string(text).bytes)
    try hold(written?.root.utf8 == Array(text.utf8), "a string that is written reads back")
}

private func checkWriter(of bits: UInt64) throws(BrokenInvariant) {
    let integer = Int(truncatingIfNeeded: bits)
    let written = try? JSONDocument(JSON.integer(integer).bytes)
    try hold(written?.root.int == integer, "an integer that is written reads back")
    let number = Double(bitPattern: bits)
    guard number.isFinite else { return }
    let text = try? JSONDocument(JSON.number(number).bytes)
    try hold(text?.root.number?.double.bitPattern == bits, "a number that is written reads back")
}

private func checkRefusal(_ error: JSONError, of bytes: [UInt8]) throws(BrokenInvariant) {
    try hold((0...bytes.count).contains(error.offset), "a fault lies in the text")
    let before = bytes[..<error.offset]
    let lines = before.split(separator: 0x0A, omittingEmptySubsequences: false)
    try hold(error.line == lines.count, "a fault's line counts the line feeds before it")
    try hold(error.column == (lines.last?.count ?? 0) + 1, "a fault's column counts the bytes of its line before it")
    if error.code == .unexpectedEnd || error.code == .empty {
        try hold(error.offset == bytes.count, "a text ends at its end")
    }
    if error.code == .trailingText {
        try hold((try? JSONDocument(Array(before))) != nil, "what stands before trailing text is a text")
    }
    let strict = JSONLimits(numbers: .interoperable)
    try hold((try? JSONDocument(bytes, limits: strict)) == nil, "stricter limits accept nothing more")
}

/// - Returns: how many containers lie inside each other at the deepest place.
private func checkValue(_ value: JSONValue, in document: JSONDocument) throws(BrokenInvariant) -> Int {
    let text = document.bytes.indices
    try hold(text.contains(value.offset), "a value starts in the text")
    let source = value.source.indices
    try hold(source.lowerBound >= value.offset && source.upperBound <= text.upperBound, "a value lies in the text")
    try hold(value == value, "a value equals itself")
    try checkAccessors(of: value)
    var deepest = 0
    var children = 0
    for element in value.elements {
        deepest = max(deepest, try checkValue(element, in: document))
        children += 1
    }
    for member in value.members {
        _ = try checkValue(member.name, in: document)
        deepest = max(deepest, try checkValue(member.value, in: document))
        children += 1
    }
    try hold(value.count == children, "a container counts its values")
    return value.kind == .array || value.kind == .object ? deepest + 1 : 0
}

private func checkAccessors(of value: JSONValue) throws(BrokenInvariant) {
    try hold((value.bool != nil) == (value.kind == .boolean), "only a boolean has a truth value")
    try hold((value.number != nil) == (value.kind == .number), "only a number has a number")
    try hold((value.utf8 != nil) == (value.kind == .string), "only a string has octets")
    try hold(value.isNull == (value.kind == .null), "only null is null")
    if let octets = value.utf8 {
        try hold(value.string.map { Array($0.utf8) } == octets, "a string is UTF-8")
        try hold(value.string.map(value.isString) == true, "a string is itself")
    }
    guard let number = value.number else { return }
    try hold(number == number && !(number < number), "a number equals itself")
    try hold(!number.double.isNaN, "a number is near a binary64 or beyond them all")
    try hold(value.int == number.int, "both ways to an integer lead to the same")
    if let int = number.int {
        try hold(number.isInteger && number.double == Double(int), "an integer is integral and near its binary64")
    }
}

private func checkDepth(of bytes: [UInt8], deepest: Int) throws(BrokenInvariant) {
    try hold((try? JSONDocument(bytes, limits: JSONLimits(depth: deepest))) != nil, "a text fits its own depth")
    guard deepest > 0 else { return }
    try hold(fault(of: bytes, JSONLimits(depth: deepest - 1))?.code == .tooDeep, "a text fits no smaller depth")
}

private func checkRewriting(_ root: JSONValue) throws(BrokenInvariant) {
    let text = JSON(root).bytes
    guard let again = try? JSONDocument(text).root else {
        throw BrokenInvariant(description: "a value that is written again parses")
    }
    try hold(again == root && root == again, "a value that is written again is equal")
    try hold(again.hashValue == root.hashValue, "equal values hash alike")
    try hold(JSON(again).bytes == text, "writing twice changes nothing more")
}

private func checkInteroperable(_ document: JSONDocument) throws(BrokenInvariant) {
    let limits = JSONLimits(numbers: .interoperable)
    guard let strict = try? JSONDocument(document.bytes, limits: limits) else {
        let code = fault(of: document.bytes, limits)?.code
        return try hold(code == .numberOutOfRange, "interoperable limits are about numbers alone")
    }
    try hold(strict.root == document.root, "limits do not change a value")
}

private func checkEnds(_ document: JSONDocument) throws(BrokenInvariant) {
    let bytes = document.bytes
    let followed = fault(of: bytes + [UInt8(ascii: ",")], JSONLimits())
    try hold(followed?.code == .trailingText && followed?.offset == bytes.count, "nothing may follow a value")
    guard [.array, .object, .string].contains(document.root.kind) else { return }
    let end = bytes.lastIndex { ![0x20, 0x0A, 0x0D, 0x09].contains($0) } ?? 0
    let cut = fault(of: Array(bytes[..<end]), JSONLimits())
    try hold(cut?.code == .unexpectedEnd && cut?.offset == end, "a value without its last byte is not whole")
    let (line, column) = document.position(of: end)
    try hold(line == cut?.line && column == cut?.column, "a document and a fault count lines alike")
}

private func fault(of bytes: [UInt8], _ limits: JSONLimits) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONDocument(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}
