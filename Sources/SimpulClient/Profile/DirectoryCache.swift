internal import SimpulCore
internal import StrictJSON

/// The last directory that the broker gave, kept beside the spool, so that a body can be sealed and spooled while the
/// broker is out of reach. It is believed no more than a fresh one: endorsements decide, at the moment of use.
public struct DirectoryCache: Sendable {
    private let path: String
    private let limit = 16 * 1024 * 1024

    /// The cache of a spool folder.
    public init(spoolFolder: String) { path = spoolFolder + "/directory.json" }

    /// What was kept; nil where nothing was, or where it cannot be read.
    public var listing: DirectoryListing? {
        guard let bytes = try? FileAccess.read(path, limit: limit), let document = try? JSONDocument(bytes) else {
            return nil
        }
        return DirectoryListing(document.root)
    }

    /// Keeps a directory. A cache that cannot be written costs nothing but itself.
    public func keep(_ listing: DirectoryListing) {
        try? FileAccess.writeDurably(listing.json.bytes, to: path)
    }
}

extension DirectoryListing {
    /// The directory in the form in which the broker states it, as far as a client uses it.
    var json: JSON {
        let entries = agencies.sorted { $0.key < $1.key }.map { id, certificates -> JSON in
            .object([
                "id": .string(id.description),
                "roles": roles[id].map { .array($0.map(\.description).sorted().map { .string($0) }) },
                "certificates": .array(certificates.map(Self.json)),
            ])
        }
        return ["broker": ["certificates": .array(broker.map(Self.json))], "agencies": .array(entries)]
    }

    private static func json(_ listed: Listed) -> JSON {
        .object([
            "use": .string(listed.use), "x5t#S256": .string(listed.certificate.thumbprint.base64url),
            "pem": .string(listed.certificate.pem),
            "endorsement": listed.endorsement.map { .string(String(decoding: $0, as: UTF8.self)) },
        ])
    }
}
