internal import JOSE
internal import SimpulCore
internal import SimpulEnvelope

/// A receipt that a recipient signed itself (protocol §4): checked against the message that it is about, and against
/// the one agency that may say it.
struct RecipientReceipt {
    let catalogue: SchemaCatalogue
    let broker: AgencyID

    /// The one agency that may say it, and the rules and the moment by which it is judged.
    struct Speaker {
        let agency: Agency
        let roster: Roster
        let at: Timestamp
    }

    /// - Throws: `not-jose`, `parameter-refused`, `algorithm-refused`, `signer-unknown`, `signature-invalid`,
    ///   `schema-invalid` or `sender-mismatch`.
    func rung(of token: [UInt8], for event: RungEvent, by speaker: Speaker) throws(Refusal) -> SignedRung {
        let roster = speaker.roster
        let signed: SignedStatement<ReceiptStatement>
        do {
            signed = try SignedStatement(receipt: Receipt(token: token), catalogue: catalogue) { thumbprint in
                roster.signer(thumbprint).flatMap { signer in
                    signer.agency == speaker.agency.id && roster.objection(to: signer, at: speaker.at) == nil
                        ? signer.certificate : nil
                }
            }
        } catch {
            throw refusal(for: error)
        }
        guard signed.algorithm != .RS256 || speaker.agency.allowsRS256 else { throw refusal(for: .algorithmRefused) }
        guard isAbout(event, by: speaker, signed.statement) else {
            throw Refusal(
                .senderMismatch, at: .deliver,
                LocalizedText(
                    "The receipt must be acknowledged or opened, by you, about this very message.",
                    "Tanda terima harus acknowledged atau opened, dari Anda, tentang pesan ini."))
        }
        return SignedRung(rung: signed.statement.rung, receipt: Receipt(token: token))
    }

    /// `system` is the broker's word; a recipient names the role of a person, or nobody.
    private func isAbout(_ event: RungEvent, by speaker: Speaker, _ statement: ReceiptStatement) -> Bool {
        (statement.rung == .acknowledged || statement.rung == .opened) && statement.agency == speaker.agency.id
            && statement.broker == broker && statement.sender == event.key.sender && statement.id == event.key.id
            && statement.digest == event.digest && statement.by != "system"
    }

    private func refusal(for error: StatementError) -> Refusal {
        let (code, detail): (ErrorCode, LocalizedText) =
            switch error {
            case .malformed:
                (.notJOSE, LocalizedText("This is no signed receipt.", "Ini bukan tanda terima bertanda tangan."))
            case .algorithmRefused:
                (
                    .algorithmRefused,
                    LocalizedText(
                        "Sign receipts with ES256, EdDSA or PS256; RS256 only where the roster allows it.",
                        "Tanda tangani dengan ES256, EdDSA, atau PS256; RS256 hanya bila diizinkan daftar instansi.")
                )
            case .parameterRefused:
                (
                    .parameterRefused,
                    LocalizedText(
                        "A receipt's protected header has exactly alg, typ and x5t#S256.",
                        "Header terproteksi tanda terima berisi tepat alg, typ, dan x5t#S256.")
                )
            case .unknownSigner:
                (
                    .signerUnknown,
                    LocalizedText(
                        "Sign receipts with your listed sign certificate.",
                        "Tanda tangani tanda terima dengan sertifikat sign Anda yang terdaftar.")
                )
            case .badSignature:
                (.signatureInvalid, LocalizedText("The signature does not verify.", "Tanda tangan tidak sah."))
            case .badStatement:
                (
                    .schemaInvalid,
                    LocalizedText("The receipt breaks its schema.", "Tanda terima melanggar skemanya.")
                )
            }
        let faults =
            error == .badStatement ? [DocumentFault(pointer: "", keyword: "receipt", detail: detail)] : []
        return Refusal(code, at: .deliver, detail, diagnosis: error.rawValue, faults: faults)
    }
}

extension Caller {
    /// The caller as who signed a receipt.
    var speaker: RecipientReceipt.Speaker { .init(agency: agency, roster: rules.roster, at: at) }
}
