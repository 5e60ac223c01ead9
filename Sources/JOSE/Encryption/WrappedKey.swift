import StrictJSON

/// One recipient's copy of the content key.
struct WrappedKey: Sendable {
    let recipient: JWE.Recipient
    let encryptedKey: [UInt8]
    /// The sender's fresh key; there exactly where the algorithm agrees on a key.
    let ephemeralKey: P256Point?

    static func wrap(_ contentKey: [UInt8], to key: PublicKey, kid: String) throws(JWEError) -> JSON {
        guard let algorithm = KeyManagement(for: key.kind) else { throw .unsupportedKeyManagement }
        var header: JSON = ["alg": .string(algorithm.rawValue), "kid": .string(kid)]
        let encrypted: [UInt8]?
        switch algorithm {
        case .rsaOAEP256: encrypted = RSAOAEP.encrypt(contentKey, to: key)
        case .ecdhESA256KW:
            let ephemeral = PrivateKey.generate(.p256)
            encrypted = KeyAgreement.wrappingKey(ephemeral, with: key).flatMap { AES256.wrap(contentKey, with: $0) }
            header["epk"] = ephemeral.publicKey.material.map(\.jwkMembers)
        }
        guard let encrypted else { throw .unsupportedKeyManagement }
        return .object(["header": header, "encrypted_key": .string(Base64URL.encode(encrypted))])
    }

    /// Nil where the key does not fit.
    func unwrap(with key: PrivateKey) -> [UInt8]? {
        switch recipient.algorithm {
        case .rsaOAEP256: RSAOAEP.decrypt(encryptedKey, with: key)
        case .ecdhESA256KW:
            ephemeralKey?.publicKey.flatMap { KeyAgreement.wrappingKey(key, with: $0) }
                .flatMap { AES256.unwrap(encryptedKey, with: $0) }
        }
    }
}
