/// The id of a message or thread: a UUIDv7 in lower-case text (RFC 9562 §5.7).
public struct MessageID: Hashable, Sendable, CustomStringConvertible {
    /// The id's 36 characters.
    public let description: String

    /// Parses an id; nil where the text is no UUIDv7 in lower-case hexadecimal.
    public init?(_ text: String) {
        var text = text
        guard text.withUTF8(Self.isVersion7) else { return nil }
        description = text
    }

    private static func isVersion7(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count == 36 else { return false }
        return bytes.indices.allSatisfy { index in
            switch index {
            case 8, 13, 18, 23: bytes[index] == UInt8(ascii: "-")
            case 14: bytes[index] == UInt8(ascii: "7")
            case 19: "89ab".utf8.contains(bytes[index])
            default: isLowerHex(bytes[index])
            }
        }
    }

    /// A fresh UUIDv7 (RFC 9562 §5.7) of that moment.
    /// - Parameter random: at least 10 random bytes.
    public init(version7At now: Timestamp, random: [UInt8]) {
        precondition(random.count >= 10, "a UUIDv7 holds 74 random bits")
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: now.milliseconds >> (40 - 8 * $0)) } + random.prefix(10)
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = lowerHex(bytes)
        var text = ""
        for (index, character) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(character)
        }
        description = text
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}

/// What messages are keyed by: nobody else's ids matter to a sender.
public struct MessageKey: Hashable, Sendable {
    /// The agency that sent the message.
    public var sender: AgencyID
    /// The id that it gave.
    public var id: MessageID

    /// A key.
    public init(sender: AgencyID, id: MessageID) {
        self.sender = sender
        self.id = id
    }
}

func lowerHex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
