import COpenSSL

/// Why a chain of certificates was refused.
public enum ChainRefusal: Hashable, Sendable {
    /// No chain to an anchor.
    case untrusted
    /// A certificate of the chain has expired.
    case expired
    /// A certificate of the chain is not valid yet.
    case notYetValid
    /// A certificate of the chain is on a revocation list of its issuer.
    case revoked
    /// Revocation lists of an issuer in the chain are configured, but none of them covers the certificate.
    case crlMissing
    /// The revocation list of an issuer in the chain has expired.
    case crlExpired
    /// The revocation list of an issuer in the chain is not valid yet.
    case crlNotYetValid
    /// A certificate of the chain is not meant for this purpose.
    case wrongPurpose
    /// A signature in the chain, or on a revocation list, is wrong.
    case badSignature
    /// A certificate has issued another one without being allowed to.
    case invalidCA
    /// A key or a hash in the chain is weaker than 112 bits.
    case weak
    /// Anything else, in OpenSSL's words, which hold nothing of the certificates.
    case other(String)

    /// A stable name for logs and counters; `other` for everything without its own.
    public var code: String {
        switch self {
        case .untrusted: "untrusted"
        case .expired: "expired"
        case .notYetValid: "notYetValid"
        case .revoked: "revoked"
        case .crlMissing: "crlMissing"
        case .crlExpired: "crlExpired"
        case .crlNotYetValid: "crlNotYetValid"
        case .wrongPurpose: "wrongPurpose"
        case .badSignature: "badSignature"
        case .invalidCA: "invalidCA"
        case .weak: "weak"
        case .other: "other"
        }
    }

    init(_ error: Int32) {
        switch error {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_REJECTED:
            self = .untrusted
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        case X509_V_ERR_UNABLE_TO_GET_CRL: self = .crlMissing
        case X509_V_ERR_CRL_HAS_EXPIRED: self = .crlExpired
        case X509_V_ERR_CRL_NOT_YET_VALID: self = .crlNotYetValid
        case X509_V_ERR_INVALID_PURPOSE: self = .wrongPurpose
        case X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_CRL_SIGNATURE_FAILURE,
            X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
            self = .badSignature
        case X509_V_ERR_INVALID_CA, X509_V_ERR_INVALID_NON_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED,
            X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
            self = .invalidCA
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: self = .weak
        default: self = .other(String(cString: X509_verify_cert_error_string(Int(error))))
        }
    }
}
