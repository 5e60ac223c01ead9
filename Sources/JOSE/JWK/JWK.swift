public import StrictJSON

/// A JSON Web Key (RFC 7517 §4): a key, and what its owner says that it is for. Only the keys of ``KeyKind`` but
/// ``KeyKind/other`` are read.
public struct JWK: Sendable {
    /// The public half.
    public let publicKey: PublicKey
    /// The private half, where the JWK has one.
    public let privateKey: PrivateKey?
    /// `kid`: what its owner calls the key.
    public let kid: String?
    /// `alg`: the one algorithm that the key is for.
    public let algorithm: String?
    /// `use`: `sig`, `enc`, or a word of somebody's own.
    public let use: String?
    /// `key_ops`: what the key may do.
    public let operations: [String]?

    /// A public key, restricted to nothing.
    public init(_ key: PublicKey, kid: String? = nil) { self.init(key, nil, Purpose(kid: kid)) }

    /// A private key, restricted to nothing.
    public init(_ key: PrivateKey, kid: String? = nil) { self.init(key.publicKey, key, Purpose(kid: kid)) }

    init(_ publicKey: PublicKey, _ privateKey: PrivateKey?, _ purpose: Purpose) {
        self.publicKey = publicKey
        self.privateKey = privateKey
        (kid, algorithm, use, operations) = (purpose.kid, purpose.algorithm, purpose.use, purpose.operations)
    }

    /// What a JWK says beside the key itself.
    struct Purpose {
        var kid: String?
        var algorithm: String?
        var use: String?
        var operations: [String]?
    }

    /// SHA-256 of the key's required members (RFC 7638 §3); the same for the public and the private JWK of a key.
    /// Nil for a key of ``KeyKind/other``, which only ``init(_:kid:)`` can hold.
    public var thumbprint: SHA256Digest? { publicKey.jwkThumbprint }

    /// The JWK without its private half: the required members, then `kid`, `use` and `alg` where they were given;
    /// `key_ops` only where they speak of the public half. Nil for a key of ``KeyKind/other``.
    public var publicJSON: JSON? {
        guard var json = publicKey.jwk else { return nil }
        json["kid"] = kid.map { .string($0) }
        json["use"] = use.map { .string($0) }
        json["alg"] = algorithm.map { .string($0) }
        if privateKey == nil { json["key_ops"] = operations.map { .array($0.map { .string($0) }) } }
        return json
    }

    /// Whether the JWK's own `alg` leaves room for an algorithm: it has none, or exactly this.
    func isFor(algorithm name: String) -> Bool { algorithm.map { $0.isExactly(name) } ?? true }

    /// Whether the JWK's own `use` leaves room for one: it has none, or exactly this.
    func isFor(use name: String) -> Bool { use.map { $0.isExactly(name) } ?? true }

    /// Whether the JWK's own `key_ops` leave room for one of these: there are none, or they hold one.
    func isFor(anyOf names: [String]) -> Bool {
        operations.map { own in own.contains { operation in names.contains { operation.isExactly($0) } } } ?? true
    }
}

extension String {
    /// Octet by octet: Swift's own comparison takes a Kelvin sign for a K.
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
