/// Why a token did not give its payload, in words for a person that hold no value of the token and nothing of the key.
public struct JOSEFailure: Error, Hashable, Sendable {
    /// What the failure means.
    public enum Outcome: Hashable, Sendable {
        /// The token and the key are what they should be, and the answer is no: a bad signature, a rule that forbids it.
        case refused
        /// The token or the key cannot be read, or the key is of no use for this.
        case unreadable
    }

    /// What the failure means.
    public let outcome: Outcome
    /// What is wrong.
    public let reason: String

    /// A failure.
    public init(_ outcome: Outcome, _ reason: String) {
        self.outcome = outcome
        self.reason = reason
    }

    init(_ refusal: JWSRefusal) {
        // RFC 7515 §4.1.1 makes alg a part of the form.
        self.init(refusal == .noAlgorithm ? .unreadable : .refused, refusal.rawValue)
    }

    init(_ error: JWSError) {
        switch error {
        case .notCompact:
            self.init(.unreadable, "the token: no JWS in compact serialization, three parts with a point between them")
        case .badBase64(let part):
            self.init(.unreadable, "the token: its \(part.rawValue) is no strict base64url")
        case .headerNotJSON(let error):
            self.init(.unreadable, "the token: its header is no strict JSON: \(error.code.rawValue)")
        case .headerNotObject: self.init(.unreadable, "the token: its header is no JSON object")
        }
    }

    init(_ error: JWEError) {
        switch error {
        case .malformed(.object):
            self.init(.unreadable, "the message: neither five parts with points between them nor a strict JSON object")
        case .malformed(let part):
            self.init(.unreadable, "the message: \(part.rawValue) is missing or has another form than it must have")
        case .duplicateRecipient: self.init(.unreadable, "the message: two recipients have the same kid")
        case .forbiddenMember: self.init(.refused, "the message has aad, unprotected or another member not taken here")
        case .forbiddenParameter:
            self.init(.refused, "the header has crit or zip, or a parameter where it may not stand")
        case .unsupportedEncryption: self.init(.refused, "enc is not A256GCM")
        case .unsupportedKeyManagement: self.init(.refused, "alg is neither ECDH-ES+A256KW nor RSA-OAEP-256")
        case .noSuchRecipient: self.init(.refused, "no recipient has the key's kid")
        case .ambiguousRecipient: self.init(.refused, "there are several recipients; say which by kid")
        case .keyMismatch: self.init(.refused, "the key is not of the kind that the recipient's alg takes")
        case .keyRestricted: self.init(.refused, "the key's alg, use or key_ops do not allow it to open this")
        case .tooManyRecipients: self.init(.refused, "there are too many recipients")
        case .decryptionFailed:
            self.init(.refused, "the message does not open: another key's, or changed on its way")
        }
    }
}

extension JWKError {
    /// What is wrong, for a person.
    var explanation: String {
        switch self {
        case .notJSON(let error): "no strict JSON: \(error.code.rawValue)"
        case .malformed(let part): "\(part.rawValue) is missing or has another form than it must have"
        case .unsupportedKeyType: "kty is none of EC, OKP and RSA"
        case .unsupportedCurve: "crv is none of P-256, P-384, P-521, Ed25519 and Ed448"
        case .unsupportedSize: "the RSA modulus has fewer than 2048 or more than 8192 bits"
        case .unsupportedExponent: "the RSA public exponent is not odd and from 3 to 2^32-1"
        case .unsupportedPrivateForm: "an RSA private key needs d, p, q, dp, dq and qi, and no oth"
        case .inconsistent: "the private part does not belong to the public part"
        case .contradictoryUse: "use and key_ops contradict each other"
        case .tooManyKeys: "there are too many keys"
        }
    }
}
