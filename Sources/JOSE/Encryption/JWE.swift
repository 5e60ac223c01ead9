public import StrictJSON

/// A JWE in JSON serialization (RFC 7516 §7.2), general, or flattened for one recipient, in one narrow profile:
/// contents under A256GCM, content keys by ``KeyManagement``, and no parameter or member beyond those that this needs.
public struct JWE: Sendable {
    /// For whom a content key is wrapped, and how.
    public struct Recipient: Hashable, Sendable {
        /// The recipient's key, as the sender named it.
        public let kid: String
        /// How the content key reaches the recipient.
        public let algorithm: KeyManagement
    }

    /// The recipients, in the order of the text; at least one, each `kid` once.
    public var recipients: [Recipient] { keys.map(\.recipient) }

    let keys: [WrappedKey]
    let protectedText: [UInt8]
    let iv: [UInt8]
    let ciphertext: [UInt8]
    /// Octets of the encrypted content; those of the plaintext are as many.
    public var contentLength: Int { ciphertext.count }
    let tag: [UInt8]

    /// Encrypts for recipients under a fresh content key; the general serialization, with `enc` protected and the rest
    /// in each recipient's header. The key's kind decides the algorithm; for each P-256 recipient the sender makes a
    /// fresh key.
    /// - Throws: ``JWEError/noSuchRecipient`` for an empty list, ``JWEError/duplicateRecipient``,
    ///   ``JWEError/unsupportedKeyManagement`` for a key of another kind, ``JWEError/malformed(_:)`` for a plaintext of
    ///   2 GiB or more.
    public static func seal(
        _ plaintext: [UInt8], to recipients: [(key: PublicKey, kid: String)]
    ) throws(JWEError) -> JSON {
        guard !recipients.isEmpty else { throw .noSuchRecipient }
        guard Set(recipients.map(\.kid)).count == recipients.count else { throw .duplicateRecipient }
        let contentKey = SecureRandom.bytes(AES256.keyLength)
        var wrapped: [JSON] = []
        for recipient in recipients {
            wrapped.append(try WrappedKey.wrap(contentKey, to: recipient.key, kid: recipient.kid))
        }
        let protected = Base64URL.encode(Self.protectedHeader.bytes)
        let iv = SecureRandom.bytes(AES256.ivLength)
        guard let sealed = AES256.seal(plaintext, key: contentKey, iv: iv, authenticating: Array(protected.utf8))
        else { throw .malformed(.ciphertext) }
        return .object([
            "protected": .string(protected), "recipients": .array(wrapped), "iv": .string(Base64URL.encode(iv)),
            "ciphertext": .string(Base64URL.encode(sealed.ciphertext)), "tag": .string(Base64URL.encode(sealed.tag)),
        ])
    }

    /// The plaintext, for the recipient with that `kid`.
    /// - Throws: ``JWEError/noSuchRecipient``, ``JWEError/keyMismatch``, ``JWEError/decryptionFailed``.
    public func open(with key: PrivateKey, kid: String) throws(JWEError) -> [UInt8] {
        guard let wrapped = keys.first(where: { $0.recipient.kid == kid }) else { throw .noSuchRecipient }
        guard KeyManagement(for: key.publicKey.kind) == wrapped.recipient.algorithm else { throw .keyMismatch }
        guard let contentKey = wrapped.unwrap(with: key), contentKey.count == AES256.keyLength,
            let plaintext = AES256.open(ciphertext, key: contentKey, iv: iv, tag: tag, authenticating: protectedText)
        else { throw .decryptionFailed }
        return plaintext
    }

    private static let protectedHeader: JSON = ["enc": "A256GCM"]
}
