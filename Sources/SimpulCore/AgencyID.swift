/// The name of an agency or of a broker: `^id-[0-9]{2,4}(\.[a-z0-9-]{1,32}){1,4}$`, such as `id-1709.polres.ppa`.
/// Compared whole; no part of it means anything.
public struct AgencyID: Hashable, Sendable, CustomStringConvertible {
    /// The id's text.
    public let description: String

    /// Parses an id; nil where the text does not match the pattern.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let first = parts.first, (2...5).contains(parts.count) else { return nil }
        guard first.starts(with: "id-".utf8), (5...7).contains(first.count) else { return nil }
        guard first.dropFirst(3).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        for part in parts.dropFirst() {
            guard (1...32).contains(part.count), part.allSatisfy(Self.isLabelByte) else { return nil }
        }
        description = text
    }

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
