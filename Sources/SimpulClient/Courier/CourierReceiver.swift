internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Takes the items of a verified bundle as ``Receiver`` takes deliveries: what was handled is remembered in the same
/// place as what came by the wire, and goes back as a signed receipt or a confirmation with the next bundle.
public struct CourierReceiver {
    private let agency: AgencyID
    private let hub: AgencyID
    private let identity: SigningIdentity
    private let known: KnownKeys
    private let check: ReceiptCheck
    private let spool: Spool
    private let cache: DirectoryCache
    private let now: @Sendable () -> Timestamp
    private var returns: CourierReturns
    private var files: CourierFiles
    private var receiver: Receiver

    /// What became of an item.
    public enum Outcome: Sendable, Equatable {
        /// A message is new, and was handled.
        case message
        /// A message that was handled before, by wire or by bundle.
        case repeatedMessage
        /// A message that was shown, but not handled: import the bundle again.
        case unhandled
        /// A rung or a recall is new, and was handled.
        case rung
        /// A rung or an answer that is known already.
        case knownReceipt
        /// A message of ours was accepted by the broker; its receipt is in the spool.
        case accepted(ReceiptStatement)
        /// A message of ours was refused by the broker, and has left the spool.
        case refused(ReceiptStatement)
        /// It is not believed: nobody got it, and nothing goes back.
        case distrusted(MessageID?, Distrust)
        /// The broker's courier certificate, which is kept.
        case courierKey
        /// A part of an attachment; the attachment is kept until it is decrypted.
        case attachment(CourierFiles.Outcome)
        /// Nothing that a broker sends. It was passed over.
        case passedOver
    }

    /// A receiver for that session's parts.
    /// - Parameter got: the digest of an envelope that we have received, where we still know it.
    public init(
        incoming: Incoming, hub: AgencyID, identity: SigningIdentity, known: KnownKeys,
        check: @escaping @Sendable (KnownKeys) -> ReceiptCheck,
        spool: Spool, seen: SeenMessages, returns: CourierReturns, files: CourierFiles,
        got: @escaping @Sendable (MessageKey) -> Digest?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        agency = incoming.agency
        cache = DirectoryCache(spoolFolder: spool.folder)
        (self.hub, self.identity, self.known, self.spool) = (hub, identity, known, spool)
        (self.returns, self.files, self.now) = (returns, files, now)
        self.check = check(known)
        receiver = Receiver(
            hub: NoLine(cache: cache), incoming: incoming, known: known, seen: seen, check: check,
            sent: { try? spool.digest(of: $0) }, got: got, now: now)
    }

    /// Handles one item.
    /// - Parameter handle: gets what can be believed and is new; says whether it was handled.
    public mutating func receive(
        _ item: BundleItem, _ handle: (Receiver.News, Delivery) async throws -> Bool
    ) async throws -> Outcome {
        switch item {
        case .delivery(let key, let envelope, let receipt, _):
            return try await message(
                Delivery(
                    token: Self.token(of: receipt), id: key.id, sender: key.sender, attempt: 1, envelope: envelope,
                    receipt: receipt), key, handle)
        case .rung(let id, let receipt, let mark):
            let delivery = Delivery(
                token: Self.token(of: receipt), id: id, sender: nil, attempt: 1, envelope: nil, receipt: receipt)
            return try await rung(delivery, CourierReturns.Confirmation(mark: mark, receipt), handle)
        case .answer(let receipt, let mark):
            return try answer(receipt, CourierReturns.Confirmation(mark: mark, receipt))
        case .courierKey(let certificate, let endorsement): return keep(certificate, endorsement)
        case .attachmentPart(let listed, let offset, let octets):
            return .attachment(try files.take(listed, offset: offset, octets: octets))
        case .envelope, .receipt, .confirmation, .unknown: return .passedOver
        }
    }

    private mutating func message(
        _ delivery: Delivery, _ key: MessageKey, _ handle: (Receiver.News, Delivery) async throws -> Bool
    ) async throws -> Outcome {
        var digest: Digest?
        let outcome = try await receiver.receive(delivery, acknowledging: true) { news in
            try await handle(news, delivery)
        }
        switch outcome {
        case .left: return .unhandled
        case .distrusted(let distrust): return .distrusted(key.id, distrust)
        case .unsettled(let error): throw error
        case .acknowledged, .repeated: digest = delivery.envelope.flatMap(SignedEnvelope.digest(ofUnparsed:))
        }
        guard let digest else { return .distrusted(key.id, .notAnEnvelope) }
        try returns.keep(.acknowledged, of: key) { () throws(ClientError) in
            try identity.courierReceipt(.acknowledged, of: key, digest: digest, broker: hub, at: now())
        }
        return outcome == .acknowledged ? .message : .repeatedMessage
    }

    private mutating func rung(
        _ delivery: Delivery, _ confirmation: CourierReturns.Confirmation,
        _ handle: (Receiver.News, Delivery) async throws -> Bool
    ) async throws -> Outcome {
        guard !returns.contains(confirmation) else { return .knownReceipt }
        let outcome = try await receiver.receive(delivery, acknowledging: true) { news in
            try await handle(news, delivery)
        }
        switch outcome {
        case .left: return .unhandled
        case .distrusted(let distrust): return .distrusted(delivery.id, distrust)
        case .unsettled(let error): throw error
        case .acknowledged, .repeated: try returns.insert(confirmation)
        }
        return .rung
    }

    private mutating func answer(
        _ receipt: Receipt, _ confirmation: CourierReturns.Confirmation
    ) throws(ClientError) -> Outcome {
        guard !returns.contains(confirmation) else { return .knownReceipt }
        let statement: ReceiptStatement
        do throws(Distrust) {
            statement = try check.answer(receipt, to: agency)
        } catch {
            return .distrusted(nil, error)
        }
        let envelope = try waiting(statement)
        if let envelope {
            guard statement.digest == envelope.digest else { return .distrusted(envelope.id, .receiptOfAnother) }
            if statement.rung == .accepted {
                try spool.settle(envelope.id, with: receipt)
            } else {
                try spool.discard(envelope.id)
            }
        }
        try returns.insert(confirmation)
        guard envelope != nil else { return .knownReceipt }
        return statement.rung == .accepted ? .accepted(statement) : .refused(statement)
    }

    /// The envelope of the spool that a receipt is about; a refusal may name no id, then the digest finds it.
    private func waiting(_ statement: ReceiptStatement) throws(ClientError) -> SpooledEnvelope? {
        if let id = statement.id { return try spool.waiting(id) }
        for id in try spool.waiting() {
            if let envelope = try spool.waiting(id), envelope.digest == statement.digest { return envelope }
        }
        return nil
    }

    private func keep(_ pem: String, _ endorsement: String) -> Outcome {
        guard let certificate = try? Certificate(pem: pem) else { return .passedOver }
        let listed = DirectoryListing.Listed(
            use: CertificateUse.courier.rawValue, certificate: certificate, endorsement: Array(endorsement.utf8))
        var directory = cache.listing ?? DirectoryListing(agencies: [:])
        let (old, others) = (
            directory.broker.filter { $0.use == CertificateUse.courier.rawValue },
            directory.broker.filter { $0.use != CertificateUse.courier.rawValue }
        )
        // A bundle from before the key was replaced brings the old one; it may be in wrong hands by now.
        guard !old.contains(where: { $0.certificate.notBefore > certificate.notBefore }) else { return .passedOver }
        directory.broker = others + [listed]
        guard !known.courierCertificates(of: hub, in: directory, at: now()).isEmpty else { return .passedOver }
        cache.keep(directory)
        return .courierKey
    }

    /// A name for what came without a lease; the broker knows no such token.
    private static func token(of receipt: Receipt) -> String {
        Base64URL.encode(Array(SHA256.hash(receipt.token).bytes.prefix(16)))
    }
}

extension SigningIdentity {
    /// A receipt of ours about a message that we have got, for the next bundle.
    /// - Parameter role: whose step it is; nil for the agency's.
    public func courierReceipt(
        _ rung: Rung, of key: MessageKey, digest: Digest, broker: AgencyID, by role: String? = nil, at now: Timestamp
    ) throws(ClientError) -> Receipt {
        let statement = ReceiptStatement(
            rung, broker: broker, sender: key.sender, id: key.id, digest: digest, at: now, agency: agency, by: role)
        do {
            return try receipt(statement)
        } catch {
            throw ClientError(
                .unable, "signing",
                LocalizedText("The receipt could not be signed.", "Tanda terima tidak dapat ditandatangani."))
        }
    }
}

extension ReceiptCheck {
    /// What the broker says to an envelope of that agency's: `accepted` or `refused`.
    /// - Throws: ``Distrust``.
    func answer(_ receipt: Receipt, to agency: AgencyID) throws(Distrust) -> ReceiptStatement {
        let (statement, signer) = try verified(receipt)
        guard signer == hub else { throw .brokerUnknown }
        guard statement.rung == .accepted || statement.rung == .refused else { throw .receiptInvalid }
        guard statement.sender == agency else { throw .receiptOfAnother }
        return statement
    }
}

/// A broker that cannot be reached: what it would be told is kept for a bundle, and its last directory is all there is.
private struct NoLine: Hub {
    let cache: DirectoryCache

    func submit(_ envelope: [UInt8], seconds: Int) async throws(HubError) -> SubmitOutcome { throw .unreachable("") }
    func lease(_ request: InboxRequest) async throws(HubError) -> InboxAnswer { InboxAnswer() }
    func stream(_ request: InboxRequest, _ take: (InboxAnswer) async throws -> Void) async throws {}
    func giveBack(_ token: String, seconds: Int) async throws(HubError) {}
    func acknowledge(_ token: String, receipt: Receipt?) async throws(HubError) {}
    func directory() async throws(HubError) -> DirectoryListing {
        guard let listing = cache.listing else { throw .unreachable("no directory is kept here") }
        return listing
    }
}
