internal import JOSE
internal import SimpulCore
internal import SimpulEnvelope

/// A receipt that a recipient signed itself (protocol §4): checked against the message that it is about, and against
/// the one agency that may say it.
struct RecipientReceipt {
    let catalogue: SchemaCatalogue
    let broker: AgencyID

    /// - Throws: `not-jose`, `signer-unknown`, `signature-invalid`, `schema-invalid` or `sender-mismatch`.
    func rung(of token: [UInt8], for event: RungEvent, caller: Caller) throws(Refusal) -> SignedRung {
        let roster = caller.rules.roster
        let statement: ReceiptStatement
        do {
            statement = try SignedStatement(receipt: Receipt(token: token), catalogue: catalogue) { thumbprint in
                roster.signer(thumbprint).flatMap { signer in
                    signer.agency == caller.agency.id && roster.objection(to: signer, at: caller.at) == nil
                        ? signer.certificate : nil
                }
            }.statement
        } catch {
            throw refusal(for: error)
        }
        guard statement.rung == .acknowledged || statement.rung == .opened, statement.agency == caller.agency.id,
            statement.broker == broker, statement.sender == event.key.sender, statement.id == event.key.id,
            statement.digest == event.digest
        else {
            throw Refusal(
                .senderMismatch, at: .deliver,
                LocalizedText(
                    "The receipt must be acknowledged or opened, by you, about this very message.",
                    "Tanda terima harus acknowledged atau opened, dari Anda, tentang pesan ini."))
        }
        return SignedRung(rung: statement.rung, receipt: Receipt(token: token))
    }

    private func refusal(for error: StatementError) -> Refusal {
        let (code, detail): (ErrorCode, LocalizedText) =
            switch error {
            case .malformed:
                (.notJOSE, LocalizedText("This is no signed receipt.", "Ini bukan tanda terima bertanda tangan."))
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
        return Refusal(code, at: .deliver, detail, diagnosis: error.rawValue)
    }
}
