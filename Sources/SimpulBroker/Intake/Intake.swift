public import SimpulCore
public import SimpulEnvelope

/// The whole path of a submission, and the only place where it is written: who is speaking, is it signed, whole, valid,
/// allowed; on disk; answered.
///
/// Each stage takes what only the stage before can make, so a stage that is left out or swapped does not compile.
public struct Intake: Sendable {
    private let authenticator: Authenticator
    private let verification = SignatureVerification()
    private let inflation: Inflation
    private let validation: SchemaValidation
    private let authorization = Authorization()
    private let store: any MessageStore
    private let receipts: ReceiptIssuer
    private let quotas: Quotas
    private let counters: Counters
    private let limits: Limits

    /// The path of one broker.
    public init(
        authenticator: Authenticator, catalogue: SchemaCatalogue, store: any MessageStore, receipts: ReceiptIssuer,
        quotas: Quotas, counters: Counters, limits: Limits
    ) {
        self.authenticator = authenticator
        inflation = Inflation(limits: limits)
        validation = SchemaValidation(hub: receipts.broker, catalogue: catalogue, limits: limits)
        self.store = store
        self.receipts = receipts
        self.quotas = quotas
        self.counters = counters
        self.limits = limits
    }

    /// Answers one submission: with the receipt of a message that is on disk, or with a refusal that is in the log.
    public func accept(_ bytes: [UInt8], from caller: Caller) async throws -> Acceptance {
        try quotas.admit(bytes.count, of: caller.agency.id, at: caller.at)
        do {
            let submission = try authenticator.submission(bytes, from: caller)
            let message: AuthorizedMessage
            do { message = try approve(submission) } catch {
                // Said before: the same answer, whatever has changed since. What is approved again, the commit finds.
                guard let repeated = try await recall(submission) else { throw error }
                return counters.count(repeated)
            }
            return counters.count(try await commit(message, at: caller.at))
        } catch let refusal as Refusal {
            throw try await record(refusal, of: bytes, from: caller)
        }
    }

    /// All that a submission is checked for, without a trace of it: the stages in their order.
    public func approve(_ submission: Submission) throws(Refusal) -> AuthorizedMessage {
        let verified = try verification.verify(submission)
        let inflated = try inflation.inflate(verified)
        let message = try validation.validate(inflated)
        return try authorization.authorize(message)
    }

    /// Tells what ``accept(_:from:)`` would answer, without a trace in the log.
    /// - Returns: what the policy said about each party; nothing where the message was accepted before.
    public func examine(_ bytes: [UInt8], from caller: Caller) async throws -> Examination {
        try quotas.admit(bytes.count, of: caller.agency.id, at: caller.at)
        let submission = try authenticator.submission(bytes, from: caller)
        if try await recall(submission) != nil { return Examination(isRepeated: true, decisions: []) }
        let message = try approve(submission)
        if let stored = try await store.state(of: message.key)?.digest, stored != message.digest {
            throw Refusal.idConflict(stored: stored, message)
        }
        return Examination(isRepeated: false, decisions: message.decisions)
    }

    /// Logs a refusal and signs it, for a caller that is an agency. What never became a submission comes here too.
    /// - Throws: `quota` where too much of the agency was refused in the last minute. A quota itself is thrown back
    ///   without a trace: it says nothing about the message.
    public func record(
        _ refusal: Refusal, of bytes: [UInt8]?, from caller: Caller
    ) async throws -> RecordedRefusal {
        guard refusal.code != .quota else { throw refusal }
        try quotas.admitRefusal(of: caller.agency.id, at: caller.at)
        counters.countRefusal(refusal.code)
        let digest = bytes.flatMap(SignedEnvelope.digest(ofUnparsed:))
        let receipt: Receipt
        do {
            receipt = try receipts.refused(refusal, digest: digest, sender: caller.agency.id, at: caller.at)
        } catch {
            throw StoreError(.unavailable, "the refusal could not be signed: \(error)")
        }
        try await store.append(LogRecord(receipt: receipt, at: caller.at))
        return RecordedRefusal(refusal: refusal, receipt: receipt)
    }

    /// The same digest again gets the first receipt, whatever has changed since. The id that the unverified document
    /// states only says where to look: the digest decides. Only a signature that is no longer the
    /// stored one is looked at: where its certificate is still listed, it must verify.
    private func recall(_ submission: Submission) async throws -> Acceptance? {
        let (envelope, sender) = (submission.envelope, submission.caller.agency.id)
        guard let id = envelope.statedMessageID(limits: limits),
            let stored = try await store.acceptance(of: MessageKey(sender: sender, id: id)),
            stored.digest == envelope.digest
        else { return nil }
        let signer = submission.caller.rules.roster.signer(submission.envelope.signer)
        guard signer.map({ submission.envelope.isSigned(by: $0.certificate.publicKey) }) ?? true else { return nil }
        return Acceptance(receipt: stored.receipt, isRepeated: true)
    }

    private func commit(_ message: AuthorizedMessage, at now: Timestamp) async throws -> Acceptance {
        let receipts = receipts
        let signer = AcceptanceSigner { sequence in
            try receipts.accepted(message, sequence: sequence, at: now)
        } answered: { event in
            try receipts.answered(event, by: message)
        }
        let outcome = try await store.accept(message, at: now, queued: limits.queuedDeliveries, sign: signer)
        switch outcome {
        case .accepted(let receipt): return Acceptance(receipt: receipt, isRepeated: false)
        case .repeated(let receipt): return Acceptance(receipt: receipt, isRepeated: true)
        case .conflict(let stored): throw Refusal.idConflict(stored: stored, message)
        case .queueFull: throw Refusal.queueFull(message.header.id)
        }
    }
}

extension Refusal {
    fileprivate static func idConflict(stored: Digest, _ message: AuthorizedMessage) -> Refusal {
        Refusal(
            .idConflict, at: .store,
            LocalizedText(
                "You have sent another content under this id. Give a new message a new id.",
                "Anda sudah mengirim isi lain dengan ID ini. Beri pesan baru ID yang baru."),
            conflict: DigestConflict(stored: stored, submitted: message.digest), message: message.header.id)
    }
}

/// What a submission would come to.
public struct Examination: Sendable {
    /// Whether it was accepted before; then it would get its first receipt.
    public var isRepeated: Bool
    /// What the policy says about each recipient and fallback.
    public var decisions: [(agency: AgencyID, rule: String)]
}

/// The good end of a submission.
public struct Acceptance: Sendable, Equatable {
    /// The first and only receipt of the message.
    public var receipt: Receipt
    /// Whether the message was here before.
    public var isRepeated: Bool
}

/// The other end of a submission: what was wrong, and the broker's signed word for it.
public struct RecordedRefusal: Error, Sendable {
    /// What was wrong.
    public var refusal: Refusal
    /// The receipt `refused`.
    public var receipt: Receipt
}
