import StrictJSON

/// One recipient's copy of the content key.
struct WrappedKey: Sendable {
    let recipient: JWE.Recipient
    let encryptedKey: [UInt8]
    /// The sender's fresh key; there exactly where the algorithm agrees on a key.
    let ephemeralKey: P256Point?
    /// Who agrees on a key, as `apu` and `apv` say; empty where they do not (RFC 7518 §4.6.1).
    let parties: (u: [UInt8], v: [UInt8])

    /// A wrapped key to be written.
    struct Fresh {
        var header: JSON
        let encryptedKey: [UInt8]

        var json: JSON { .object(["header": header, "encrypted_key": .string(Base64URL.encode(encryptedKey))]) }
    }

    static func wrap(_ contentKey: [UInt8], to key: PublicKey, kid: String?) throws(JWEError) -> Fresh {
        guard let algorithm = KeyManagement(for: key.kind) else { throw .unsupportedKeyManagement }
        var header: JSON = ["alg": .string(algorithm.rawValue)]
        header["kid"] = kid.map { .string($0) }
        let encrypted: [UInt8]?
        switch algorithm {
        case .rsaOAEP256: encrypted = RSAOAEP.encrypt(contentKey, to: key)
        case .ecdhESA256KW:
            let ephemeral = PrivateKey.generate(.p256)
            encrypted = KeyAgreement.wrappingKey(ephemeral, with: key).flatMap { AES256.wrap(contentKey, with: $0) }
            header["epk"] = ephemeral.publicKey.jwk
        }
        guard let encrypted else { throw .unsupportedKeyManagement }
        return Fresh(header: header, encryptedKey: encrypted)
    }

    /// Nil where the key does not fit.
    func unwrap(with key: PrivateKey) -> [UInt8]? {
        switch recipient.algorithm {
        case .rsaOAEP256: RSAOAEP.decrypt(encryptedKey, with: key)
        case .ecdhESA256KW:
            ephemeralKey?.publicKey
                .flatMap { KeyAgreement.wrappingKey(key, with: $0, partyU: parties.u, partyV: parties.v) }
                .flatMap { AES256.unwrap(encryptedKey, with: $0) }
        }
    }
}
