public import StrictJSON

/// A JWE (RFC 7516) in compact serialization, or in JSON serialization, general or flattened for one recipient: contents
/// under A256GCM, content keys by ``KeyManagement``, and no parameter or member beyond those of a ``JWEProfile``.
public struct JWE: Sendable {
    /// For whom a content key is wrapped, and how.
    public struct Recipient: Hashable, Sendable {
        /// The recipient's key, as the sender named it; nil only where the profile lets it be missing.
        public let kid: String?
        /// How the content key reaches the recipient.
        public let algorithm: KeyManagement
    }

    /// The recipients, in the order of the text; at least one, no `kid` twice.
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
            wrapped.append(try WrappedKey.wrap(contentKey, to: recipient.key, kid: recipient.kid).json)
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

    /// Encrypts for one recipient in compact serialization (RFC 7516 §7.1): every parameter is protected.
    /// - Throws: ``JWEError/unsupportedKeyManagement`` for a key that receives none, ``JWEError/malformed(_:)`` for a
    ///   plaintext of 2 GiB or more.
    public static func sealCompact(
        _ plaintext: [UInt8], to key: PublicKey, kid: String? = nil
    ) throws(JWEError) -> [UInt8] {
        let contentKey = SecureRandom.bytes(AES256.keyLength)
        let wrapped = try WrappedKey.wrap(contentKey, to: key, kid: kid)
        var header = wrapped.header
        header["enc"] = protectedHeader["enc"]
        let protected = Base64URL.encoded(header.bytes)
        let iv = SecureRandom.bytes(AES256.ivLength)
        guard let sealed = AES256.seal(plaintext, key: contentKey, iv: iv, authenticating: protected) else {
            throw .malformed(.ciphertext)
        }
        let rest = [wrapped.encryptedKey, iv, sealed.ciphertext, sealed.tag].map { Base64URL.encoded($0) }
        return Array(([protected] + rest).joined(separator: [UInt8(ascii: ".")]))
    }

    /// The plaintext, for the recipient with that `kid`.
    /// - Throws: ``JWEError/noSuchRecipient``, ``JWEError/keyMismatch``, ``JWEError/decryptionFailed``.
    public func open(with key: PrivateKey, kid: String) throws(JWEError) -> [UInt8] {
        guard let wrapped = keys.first(where: { $0.recipient.kid?.isExactly(kid) == true }) else {
            throw .noSuchRecipient
        }
        return try open(wrapped, with: key)
    }

    /// The plaintext, for the one recipient that there is, whatever its `kid`.
    /// - Throws: ``JWEError/ambiguousRecipient`` where there are several: none is tried. ``JWEError/keyMismatch``,
    ///   ``JWEError/decryptionFailed``.
    public func open(with key: PrivateKey) throws(JWEError) -> [UInt8] {
        guard keys.count == 1 else { throw .ambiguousRecipient }
        return try open(keys[0], with: key)
    }

    /// The plaintext, for the recipient with that `kid`; without one, for the one recipient that there is, else for the
    /// one with the JWK's own `kid`. Where the JWK has `alg`, `use` (`enc`) or `key_ops` (`unwrapKey`, or by the
    /// algorithm `decrypt`, `deriveKey` or `deriveBits`), they have to allow it.
    /// - Throws: ``JWEError``.
    public func open(with key: JWK, kid: String? = nil) throws(JWEError) -> [UInt8] {
        let wrapped = try wrappedKey(kid, else: key.kid)
        guard let privateKey = key.privateKey, key.isFor(algorithm: wrapped.recipient.algorithm.rawValue),
            key.isFor(use: "enc"), key.isFor(anyOf: wrapped.recipient.algorithm.openingOperations)
        else { throw .keyRestricted }
        return try open(wrapped, with: privateKey)
    }

    private func wrappedKey(_ kid: String?, else own: String?) throws(JWEError) -> WrappedKey {
        if kid == nil, keys.count == 1 { return keys[0] }
        guard let name = kid ?? own else { throw .ambiguousRecipient }
        guard let wrapped = keys.first(where: { $0.recipient.kid?.isExactly(name) == true }) else {
            throw .noSuchRecipient
        }
        return wrapped
    }

    /// A content key that does not unwrap is replaced by a random one, so that it fails as late as a wrong tag and in
    /// the same way (RFC 7516 §11.5).
    private func open(_ wrapped: WrappedKey, with key: PrivateKey) throws(JWEError) -> [UInt8] {
        guard KeyManagement(for: key.publicKey.kind) == wrapped.recipient.algorithm else { throw .keyMismatch }
        let substitute = SecureRandom.bytes(AES256.keyLength)
        let unwrapped = wrapped.unwrap(with: key).flatMap { $0.count == AES256.keyLength ? $0 : nil }
        let plaintext = AES256.open(
            ciphertext, key: unwrapped ?? substitute, iv: iv, tag: tag, authenticating: protectedText)
        guard unwrapped != nil, let plaintext else { throw .decryptionFailed }
        return plaintext
    }

    private static let protectedHeader: JSON = ["enc": "A256GCM"]
}
