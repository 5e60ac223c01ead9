internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Verifies what a broker signed about a message, with the broker's certificates that this client knows.
public struct ReceiptCheck: Sendable {
    let hub: AgencyID
    private let known: KnownKeys
    private let catalogue: SchemaCatalogue

    /// A check of receipts of that broker.
    public init(hub: AgencyID, known: KnownKeys, catalogue: SchemaCatalogue) {
        self.hub = hub
        self.known = known
        self.catalogue = catalogue
    }

    /// What an `accepted` receipt of exactly that envelope says.
    /// - Throws: ``Distrust`` where it is not signed by a known certificate of the broker that was in date then, or
    ///   speaks of another message.
    public func acceptance(
        _ receipt: Receipt, of id: MessageID, from sender: AgencyID, digest: Digest
    ) throws(Distrust) -> ReceiptStatement {
        let (statement, signer) = try verified(receipt)
        guard signer == hub else { throw .brokerUnknown }
        guard statement.rung == .accepted, statement.id == id, statement.sender == sender, statement.digest == digest
        else { throw .receiptOfAnother }
        return statement
    }

    /// What a `refused` receipt of exactly that envelope says.
    /// - Throws: ``Distrust``, as above.
    public func refusal(
        _ receipt: Receipt, from sender: AgencyID, digest: Digest
    ) throws(Distrust) -> ReceiptStatement {
        let (statement, signer) = try verified(receipt)
        guard signer == hub else { throw .brokerUnknown }
        guard statement.rung == .refused, statement.sender == sender, statement.digest == digest else {
            throw .receiptOfAnother
        }
        return statement
    }

    /// What a rung of one of our own messages says. What a recipient does is believed on its own signature; the broker
    /// alone can only say that a recipient's system has acknowledged, and what itself did.
    /// - Parameters:
    ///   - sender: we.
    ///   - digest: our envelope's, where we still have it.
    /// - Throws: ``Distrust``, as above.
    public func rung(
        _ receipt: Receipt, of id: MessageID, from sender: AgencyID, digest: Digest?
    ) throws(Distrust) -> ReceiptStatement {
        let (statement, signer) = try verified(receipt, unknownSigner: .signerUnknown)
        guard statement.id == id, statement.sender == sender, digest == nil || statement.digest == digest else {
            throw .receiptOfAnother
        }
        let isOwnStep = statement.agency == signer
        let mayBe =
            switch statement.rung {
            case .opened: isOwnStep
            case .acknowledged: isOwnStep || signer == hub && statement.by == "system"
            default: signer == hub
            }
        guard mayBe else { throw .receiptInvalid }
        return statement
    }

    /// What a receipt says of a message of another agency: that it was taken back from us, that we are late with it or
    /// it went back to its sender, or that somebody is late and we are called; nil where it is about one of our own.
    /// - Parameters:
    ///   - agency: we.
    ///   - digest: the envelope's that we got from that sender under that id, where we still know it.
    /// - Throws: ``Distrust``, as above: the broker alone says so, and only of us, or to those whom the receipt names.
    public func notice(
        _ receipt: Receipt, of id: MessageID, from agency: AgencyID, digest: (MessageKey) -> Digest?
    ) throws(Distrust) -> ReceiptStatement? {
        let (statement, signer) = try verified(receipt, unknownSigner: .signerUnknown)
        guard statement.sender != agency else { return nil }
        let got = digest(MessageKey(sender: statement.sender, id: id))
        let isCalled = statement.rung == .escalated && statement.notice?.to.contains(agency) == true
        guard statement.id == id, statement.agency == agency || isCalled, got == nil || statement.digest == got else {
            throw .receiptOfAnother
        }
        switch statement.rung {
        case .recalled, .overdue, .escalated, .expired, .bounced:
            guard signer == hub else { throw .receiptInvalid }
            return statement
        default: throw .receiptInvalid
        }
    }

    func verified(
        _ receipt: Receipt, unknownSigner: Distrust = .brokerUnknown
    ) throws(Distrust) -> (ReceiptStatement, AgencyID) {
        let signed: SignedStatement<ReceiptStatement>
        do {
            signed = try SignedStatement(receipt: receipt, catalogue: catalogue) { thumbprint in
                known.signer(thumbprint)?.certificate
            }
        } catch {
            throw error == .unknownSigner ? unknownSigner : .receiptInvalid
        }
        guard let signer = known.signer(signed.signer.thumbprint), signer.isValid(at: signed.statement.at),
            signed.statement.broker == hub
        else { throw .receiptInvalid }
        return (signed.statement, signer.agency)
    }
}
