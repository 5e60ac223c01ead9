public import JOSE
public import SimpulCore
public import StrictJSON

/// A sealed body (protocol §1): a JWE whose plaintext is the raw DEFLATE of
/// `{"id","sender","salt","body"}`, filled with zero octets up to a power of two, so that its length tells little.
public struct SealedBody: Sendable {
    private let jwe: JWE

    /// Reads a body that has the member `ciphertext`. Nothing is opened.
    /// - Throws: `parameter-refused`, `algorithm-refused` or `schema-invalid`.
    public init(parsing body: JSONValue, limits: Limits) throws(Refusal) {
        do {
            jwe = try JWE(parsing: body, recipientLimit: limits.sealRecipients)
        } catch {
            throw Self.refusal(for: error)
        }
        let octets = jwe.contentLength
        guard octets >= 512, octets <= limits.sealedBytes, octets.nonzeroBitCount == 1 else {
            throw .schemaInvalid([
                DocumentFault(pointer: "/body/ciphertext", keyword: "padding", detail: .sealedBodySize)
            ])
        }
    }

    /// The thumbprints of the sealing certificates that can open it, as the JWE states them (`kid`, base64url).
    public var keyIDs: [String] { jwe.recipients.compactMap(\.kid) }

    /// A body sealed for recipients, and the digest that binds it to its header.
    public static func seal(
        _ body: JSON, id: MessageID, sender: AgencyID, for certificates: [Certificate], limits: Limits
    ) throws(Refusal) -> (body: JSON, digest: Digest) {
        let document: JSON = [
            "id": .string(id.description), "sender": .string(sender.description),
            "salt": .string(Base64URL.encode(SecureRandom.bytes(16))), "body": body,
        ]
        let compressed = Deflate.deflate(document.bytes)
        guard compressed.count <= limits.sealedBytes else { throw Refusal(.tooLarge, at: .validate, .sealedBodySize) }
        var size = 512
        while size < compressed.count { size *= 2 }
        let plaintext = compressed + [UInt8](repeating: 0, count: size - compressed.count)
        do {
            let recipients = certificates.map { (key: $0.publicKey, kid: $0.thumbprint.base64url) }
            return (try JWE.seal(plaintext, to: recipients), Digest(SHA256.hash(plaintext)))
        } catch {
            throw refusal(for: error)
        }
    }

    /// Opens the body, and refuses one that is not bound to that header.
    /// - Throws: ``SealedBodyError`` that says which bond is broken.
    public func open(
        with key: PrivateKey, certificate: Certificate, header: Header, limits: Limits
    ) throws(SealedBodyError) -> JSONValue {
        let plaintext: [UInt8]
        do {
            plaintext = try jwe.open(with: key, kid: certificate.thumbprint.base64url)
        } catch {
            throw .notForThisKey
        }
        guard Digest(SHA256.hash(plaintext)) == header.bodyDigest else { throw .digestDiffers }
        let document = try Self.document(in: plaintext, limits: limits)
        guard document["id"]?.isString(header.id.description) == true else { throw .idDiffers }
        guard document["sender"]?.isString(header.sender.description) == true else { throw .senderDiffers }
        guard let body = document["body"], body.kind == .object else { throw .malformed }
        return body
    }

    private static func document(in plaintext: [UInt8], limits: Limits) throws(SealedBodyError) -> JSONValue {
        guard let stream = try? Deflate.inflatePrefix(plaintext[...], limit: limits.documentBytes),
            plaintext[stream.consumed...].allSatisfy({ $0 == 0 }),
            let document = try? JSONDocument(
                stream.output, limits: JSONLimits(depth: limits.documentDepth, numbers: .interoperable))
        else { throw .malformed }
        let names = document.root.members.map { $0.name.string ?? "" }
        guard Set(names) == ["id", "sender", "salt", "body"] else { throw .malformed }
        guard let salt = document.root["salt"]?.utf8, Base64URL.decode(salt)?.count == 16 else { throw .malformed }
        return document.root
    }

    private static func refusal(for error: JWEError) -> Refusal {
        switch error {
        case .forbiddenMember, .forbiddenParameter:
            Refusal(
                .parameterRefused, at: .validate,
                LocalizedText(
                    "A sealed body has exactly protected, iv, ciphertext, tag and recipients, and its recipients alg, kid and epk; zip, unprotected, aad, apu, apv and crit are refused.",
                    "Isi tersegel berisi tepat protected, iv, ciphertext, tag, dan recipients, dan penerimanya alg, kid, dan epk; zip, unprotected, aad, apu, apv, dan crit ditolak."
                ),
                diagnosis: "\(error)")
        case .unsupportedEncryption, .unsupportedKeyManagement:
            Refusal(
                .algorithmRefused, at: .validate,
                LocalizedText(
                    "Seal with A256GCM, and ECDH-ES+A256KW (P-256) or RSA-OAEP-256.",
                    "Segel dengan A256GCM, serta ECDH-ES+A256KW (P-256) atau RSA-OAEP-256."),
                diagnosis: "\(error)")
        case .malformed(let part):
            // Only these stand at one place in both forms, general and flattened.
            notAJWE(
                at: [.protected, .iv, .ciphertext, .tag, .recipients].contains(part)
                    ? "/body/\(part.rawValue)" : "/body")
        case .noSuchRecipient, .keyMismatch, .keyRestricted, .ambiguousRecipient, .decryptionFailed,
            .duplicateRecipient, .tooManyRecipients:
            notAJWE(at: "/body/recipients")
        }
    }

    private static func notAJWE(at pointer: String) -> Refusal {
        .schemaInvalid([
            DocumentFault(
                pointer: pointer, keyword: "jwe",
                detail: LocalizedText(
                    "This is no JWE in JSON serialization (RFC 7516).",
                    "Ini bukan JWE dalam serialisasi JSON (RFC 7516)."))
        ])
    }
}

/// Why a recipient does not trust a sealed body.
public enum SealedBodyError: String, Error, Sendable, CaseIterable {
    case notForThisKey = "the body is not sealed for this key, or was changed"
    case digestDiffers = "the body is not the one that the signed header names"
    case idDiffers = "the body was sealed for another message id"
    case senderDiffers = "the body was sealed by another sender"
    case malformed = "what was sealed is not the document that the protocol asks for"
}

extension LocalizedText {
    static let sealedBodySize = LocalizedText(
        "A sealed body's plaintext is filled to exactly 512, 1024, … or 65536 octets; more belongs in an attachment.",
        "Teks polos isi tersegel diisi hingga tepat 512, 1024, … atau 65536 oktet; selebihnya gunakan lampiran.")
}
