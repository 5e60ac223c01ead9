/// Undoes the escapes of a string that the parser has accepted.
func unescaped(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    raw.withUnsafeBufferPointer { unescaped($0) }
}

/// Undoes the escapes of a string that the parser has accepted.
func unescaped(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(raw.count)
    var at = raw.startIndex
    func unit(_ at: Int) -> UInt32 {
        raw[at..<at + 4].reduce(0) { $0 << 4 | UInt32(hexDigit($1) ?? 0) }
    }
    while at < raw.endIndex {
        guard raw[at] == UInt8(ascii: "\\") else {
            result.append(raw[at])
            at += 1
            continue
        }
        switch raw[at + 1] {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = unit(at + 2)
            at += 4
            if scalar & 0xFC00 == 0xD800 {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + (unit(at + 4) & 0x3FF)
                at += 6
            }
            if let scalar = Unicode.Scalar(scalar) { result.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
        default: result.append(raw[at + 1])
        }
        at += 2
    }
    return result
}
