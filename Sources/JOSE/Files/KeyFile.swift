/// A key as people keep it in a file: PEM (RFC 7468) with one object, a JWK, or a JWK Set.
public enum KeyFile: Sendable {
    /// `PUBLIC KEY`.
    case publicKey(PublicKey)
    /// `CERTIFICATE`: its key is used, and its key usage is honoured. Its dates and its issuer are not looked at: that is
    /// ``TrustStore``'s to do.
    case certificate(Certificate)
    /// `PRIVATE KEY`, `EC PRIVATE KEY` or `RSA PRIVATE KEY`, unencrypted.
    case privateKey(PrivateKey)
    /// A JSON object without `keys`.
    case jwk(JWK)
    /// A JSON object with `keys`.
    case jwkSet(JWKSet)

    /// Reads a file; the caller bounds it.
    /// - Throws: ``JOSEFailure`` with ``JOSEFailure/Outcome/unreadable``.
    public init(parsing bytes: [UInt8], limits: JWKLimits = JWKLimits()) throws(JOSEFailure) {
        let isJSON = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        do {
            self = isJSON ? try Self.json(bytes, limits) : try Self.pem(String(decoding: bytes, as: UTF8.self))
        } catch let error as JWKError {
            throw JOSEFailure(.unreadable, "the key: \(error.explanation)")
        } catch let error as CertificateError {
            throw JOSEFailure(.unreadable, "the key: \(error.rawValue)")
        } catch let error as KeyError {
            throw JOSEFailure(.unreadable, "the key: \(error.rawValue)")
        } catch {
            throw JOSEFailure(.unreadable, "the key: not a key in the expected form")
        }
    }

    private static func json(_ bytes: [UInt8], _ limits: JWKLimits) throws(JWKError) -> KeyFile {
        let value = try JWK.document(bytes)
        guard value["keys"] == nil else { return .jwkSet(try JWKSet(parsing: value, limits: limits)) }
        return .jwk(try JWK(parsing: value, limits: limits))
    }

    private static func pem(_ text: String) throws -> KeyFile {
        // Curve parameters stand before an old-style key, and say nothing that the key does not.
        guard let all = PEMObject.all(in: text) else { throw KeyError.malformed }
        let objects = all.filter { $0.label != "EC PARAMETERS" }
        guard objects.count == 1 else { throw CertificateError.wrongCount }
        switch objects[0].label {
        case "PUBLIC KEY": return .publicKey(try PublicKey(spki: objects[0].der))
        case "CERTIFICATE": return .certificate(try Certificate(der: objects[0].der))
        case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY": return .privateKey(try PrivateKey(pem: text))
        default: throw KeyError.malformed
        }
    }
}
