/// A SHA-256 digest in the text form of the protocol: `sha-256:` and 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The digest's text.
    public let description: String

    /// The text form of 32 octets; nil for another number of them.
    public init?(octets: [UInt8]) {
        guard octets.count == 32 else { return nil }
        description = "sha-256:" + lowerHex(octets)
    }

    /// Parses the text form; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 72, bytes.starts(with: "sha-256:".utf8) else { return nil }
        guard
            bytes.dropFirst(8).allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            })
        else { return nil }
        description = text
    }
}
