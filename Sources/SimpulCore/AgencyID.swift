/// The name of an agency or of a broker: `^id-[0-9]{2,4}(\.[a-z0-9-]{1,32}){1,4}$`, such as `id-1709.polres.ppa`.
/// Compared whole; no part of it means anything.
public struct AgencyID: Hashable, Sendable, CustomStringConvertible {
    /// The id's text.
    public let description: String

    /// Parses an id; nil where the text does not match the pattern.
    public init?(_ text: String) {
        var text = text
        guard text.withUTF8(Self.isID) else { return nil }
        description = text
    }

    /// One pass, without a copy: an envelope may name sixty agencies.
    private static func isID(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count > 5, bytes[0] == UInt8(ascii: "i"), bytes[1] == UInt8(ascii: "d"),
            bytes[2] == UInt8(ascii: "-")
        else { return false }
        var (labels, length) = (0, 0)
        for byte in bytes.dropFirst(3) {
            if byte == UInt8(ascii: ".") {
                guard (labels == 0 ? 2...4 : 1...32).contains(length), labels < 4 else { return false }
                (labels, length) = (labels + 1, 0)
            } else {
                guard labels == 0 ? isDigit(byte) : isLabelByte(byte) else { return false }
                length += 1
            }
        }
        return labels > 0 && (1...32).contains(length)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension AgencyID: Comparable {
    /// Order of the texts.
    public static func < (one: AgencyID, other: AgencyID) -> Bool { one.description < other.description }
}

/// What an agency is in the network, such as `POL` or `NGO`: 2 to 16 capital letters. Which roles there are is
/// configuration, so this is a word and not a list.
public struct Role: Hashable, Sendable, CustomStringConvertible {
    /// The role's code.
    public let description: String

    /// Parses a role; nil where it is not 2 to 16 capital letters or underscores.
    public init?(_ text: String) {
        guard (2...16).contains(text.utf8.count) else { return nil }
        guard
            text.utf8.allSatisfy({
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "_")
            })
        else { return nil }
        description = text
    }
}
