internal import SimpulCore
public import SimpulEnvelope

/// A submission whose signature was made by a listed, valid, unrevoked `sign` certificate.
public struct VerifiedEnvelope: Sendable {
    /// Who submitted it.
    public let caller: Caller
    /// The envelope.
    public let envelope: SignedEnvelope
    /// The certificate that signed it.
    public let signer: RosterCertificate

    fileprivate init(_ submission: Submission, signer: RosterCertificate) {
        caller = submission.caller
        envelope = submission.envelope
        self.signer = signer
    }
}

/// ``Submission`` → ``VerifiedEnvelope``: thumbprint → exactly one certificate → its agency, dates, chain → signature.
struct SignatureVerification: Sendable {
    /// - Throws: `signer-unknown`, `algorithm-refused` or `signature-invalid`.
    func verify(_ submission: Submission) throws(Refusal) -> VerifiedEnvelope {
        let roster = submission.caller.rules.roster
        guard let signer = roster.signer(submission.envelope.signer) else {
            throw .signerUnknown("the thumbprint is not listed to sign")
        }
        guard let agency = roster.activeAgency(signer.agency) else {
            throw .signerUnknown("the signer's agency is not active")
        }
        if let objection = roster.objection(to: signer, at: submission.caller.at) {
            throw .signerUnknown("the signer's certificate is refused: \(objection)")
        }
        let algorithm = submission.envelope.algorithm
        guard SignatureProfile.allows(algorithm, with: signer.certificate.publicKey),
            algorithm != .RS256 || agency.allowsRS256
        else {
            throw Refusal(
                .algorithmRefused, at: .verify,
                LocalizedText(
                    "The signer's certificate may not be used with this algorithm.",
                    "Sertifikat penanda tangan tidak boleh dipakai dengan algoritme ini."))
        }
        guard submission.envelope.isSigned(by: signer.certificate.publicKey) else {
            throw Refusal(
                .signatureInvalid, at: .verify,
                LocalizedText(
                    "The signature is not that of the certificate that x5t#S256 names.",
                    "Tanda tangan bukan milik sertifikat yang disebut x5t#S256."))
        }
        return VerifiedEnvelope(submission, signer: signer)
    }
}

extension Refusal {
    static func signerUnknown(_ diagnosis: String) -> Refusal {
        Refusal(
            .signerUnknown, at: .verify,
            LocalizedText(
                "x5t#S256 must name a sign certificate that the roster lists and that is valid now.",
                "x5t#S256 harus menyebut sertifikat sign yang terdaftar dan berlaku saat ini."),
            diagnosis: diagnosis)
    }
}
