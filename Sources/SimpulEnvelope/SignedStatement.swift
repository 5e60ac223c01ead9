public import JOSE
public import SimpulCore
internal import StrictJSON

/// A receipt, an endorsement or an approval, read from its token and verified against the one certificate that its thumbprint names.
public struct SignedStatement<Statement: Sendable>: Sendable {
    /// What was signed.
    public let statement: Statement
    /// The certificate that signed it.
    public let signer: Certificate
    /// The algorithm that it was signed with.
    public let algorithm: SignatureAlgorithm
}

/// Why a receipt, an endorsement or an approval is not believed.
public enum StatementError: String, Error, Sendable, CaseIterable {
    case malformed = "this is no compact JWS"
    case algorithmRefused = "the algorithm is refused"
    case parameterRefused = "the protected header is not that of the expected kind"
    case unknownSigner = "the certificate that signed is not known"
    case badSignature = "the signature does not verify"
    case badStatement = "what was signed breaks its schema"
}

extension SignedStatement<ReceiptStatement> {
    /// Reads and verifies a receipt.
    /// - Parameter signers: the certificate with a thumbprint, where the caller trusts it; no other is tried.
    public init(
        receipt: Receipt, catalogue: SchemaCatalogue, signers: (SHA256Digest) -> Certificate?
    ) throws(StatementError) {
        let verified = try VerifiedToken(receipt.token, type: "simpul-receipt+jws", signers: signers)
        guard let statement = catalogue.receipt(verified.payload) else { throw .badStatement }
        self.init(statement: statement, signer: verified.signer, algorithm: verified.algorithm)
    }
}

extension SignedStatement<Endorsement> {
    /// Reads and verifies an endorsement.
    /// - Parameter signers: the certificate with a thumbprint, where the caller trusts it; no other is tried.
    public init(endorsement token: [UInt8], signers: (SHA256Digest) -> Certificate?) throws(StatementError) {
        let verified = try VerifiedToken(token, type: "simpul-key+jws", signers: signers)
        guard let endorsement = Endorsement(verified.payload) else { throw .badStatement }
        self.init(statement: endorsement, signer: verified.signer, algorithm: verified.algorithm)
    }
}

extension SignedStatement<RuleChange> {
    /// Reads and verifies an approval of a change of the rules.
    /// - Parameter signers: the certificate with a thumbprint, where the caller trusts it; no other is tried.
    public init(approval token: [UInt8], signers: (SHA256Digest) -> Certificate?) throws(StatementError) {
        let verified = try VerifiedToken(token, type: "simpul-change+jws", signers: signers)
        guard let change = RuleChange(octets: verified.payload.tape.bytes) else { throw .badStatement }
        self.init(statement: change, signer: verified.signer, algorithm: verified.algorithm)
    }
}

private struct VerifiedToken {
    let payload: JSONValue
    let signer: Certificate
    let algorithm: SignatureAlgorithm

    init(_ token: [UInt8], type: String, signers: (SHA256Digest) -> Certificate?) throws(StatementError) {
        let limits = JSONLimits(depth: 8, numbers: .interoperable)
        guard token.count <= 64 * 1024, let jws = try? CompactJWS(parsing: token, headerLimits: limits) else {
            throw .malformed
        }
        let parameters: EnvelopeParameters
        do {
            parameters = try EnvelopeParameters(jws.header, type: type, mayCompress: false)
        } catch {
            throw error.code == .algorithmRefused ? .algorithmRefused : .parameterRefused
        }
        guard let signer = signers(parameters.signer) else { throw .unknownSigner }
        guard SignatureProfile.allows(parameters.algorithm, with: signer.publicKey),
            jws.isSigned(by: signer.publicKey, algorithm: parameters.algorithm)
        else { throw .badSignature }
        guard let document = try? JSONDocument(jws.payload, limits: limits) else { throw .badStatement }
        payload = document.root
        self.signer = signer
        algorithm = parameters.algorithm
    }
}
