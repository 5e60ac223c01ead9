internal import StrictJSON

/// An attachment as a header lists it: the ciphertext's digest and length.
public struct ListedAttachment: Hashable, Sendable {
    /// The digest of the ciphertext.
    public var digest: Digest
    /// Octets of the ciphertext.
    public var bytes: Int

    /// A listed attachment.
    public init(digest: Digest, bytes: Int) {
        self.digest = digest
        self.bytes = bytes
    }

    /// Those of a header's `attachments`; none where it has no such member, nil where one is not as the schema says.
    static func all(in value: JSONValue?) -> [ListedAttachment]? {
        var all: [ListedAttachment] = []
        for element in value.map({ Array($0.elements) }) ?? [] {
            guard let digest = element["digest"]?.string.flatMap(Digest.init), let bytes = element["bytes"]?.int
            else { return nil }
            all.append(ListedAttachment(digest: digest, bytes: bytes))
        }
        return all
    }
}
