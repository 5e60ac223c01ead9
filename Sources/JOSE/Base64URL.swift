/// base64url without padding (RFC 4648 §5, as RFC 7515 §2 uses it).
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let invalid: UInt8 = 0xFF

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// The text of octets: 4 letters for 3 octets, no padding.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// The octets of a text, or nil unless it is exactly what ``encode(_:)`` would write: no padding, no white space,
    /// no other letters, spare bits zero.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        text.withBytes { decode($0) }
    }

    /// The letters of octets as ASCII.
    static func encoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withBytes { encoded($0) }
    }

    private static func encoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let count = (bytes.count * 4 + 2) / 3
        return [UInt8](unsafeUninitializedCapacity: count) { text, filled in
            alphabet.withUnsafeBufferPointer { alphabet in
                var bits: UInt32 = 0
                var pending: UInt32 = 0
                for byte in bytes {
                    bits = bits << 8 | UInt32(byte)
                    pending += 8
                    while pending >= 6 {
                        pending -= 6
                        text[filled] = alphabet[Int(bits >> pending & 63)]
                        filled += 1
                    }
                }
                guard pending > 0 else { return }
                text[filled] = alphabet[Int(bits << (6 - pending) & 63)]
                filled += 1
            }
        }
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { bytes, filled in
            values.withUnsafeBufferPointer { values in
                var bits: UInt32 = 0
                var pending: UInt32 = 0
                for letter in text {
                    let value = values[Int(letter)]
                    guard value != invalid else { return isValid = false }
                    bits = bits << 6 | UInt32(value)
                    pending += 6
                    guard pending >= 8 else { continue }
                    pending -= 8
                    bytes[filled] = UInt8(truncatingIfNeeded: bits >> pending)
                    filled += 1
                }
                isValid = bits & (1 << pending - 1) == 0
            }
        }
        return isValid ? bytes : nil
    }
}

extension Collection<UInt8> {
    /// Lends the octets in one piece; copies only collections that are not in one piece.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable(body) { return result }
        return Array(self).withUnsafeBufferPointer(body)
    }
}
