public import SimpulCore
public import SimpulEnvelope

/// The whole path of a submission, and the only place where it is written: who is speaking; is it signed, whole, valid,
/// in its turn, consented to, allowed (``Approval``); on disk; answered.
public struct Intake: Sendable {
    private let authenticator: Authenticator
    private let approval: Approval
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
        approval = Approval(hub: receipts.broker, catalogue: catalogue, history: store, limits: limits)
        self.store = store
        self.receipts = receipts
        self.quotas = quotas
        self.counters = counters
        self.limits = limits
    }

    /// Answers one submission: with the receipt of a message that is on disk, or with a refusal that is in the log.
    public func accept(_ bytes: [UInt8], from caller: Caller) async throws -> Acceptance {
        do {
            return try await commit([try await check(bytes, from: caller)], from: caller)[0].get()
        } catch let refusal as Refusal {
            throw try await record(refusal, of: bytes, from: caller)
        } catch let repeated as Repetition {
            return counters.count(Acceptance(receipt: repeated.receipt, isRepeated: true))
        }
    }

    /// Answers several submissions as ``accept(_:from:)`` answers each: they are checked side by side, and those that
    /// pass are one write, in their order.
    public func accept(
        _ submissions: [Submitted], from caller: Caller, by way: SubmissionWay = .wire
    ) async -> [Result<Acceptance, any Error>] {
        let checked = await withTaskGroup { group in
            for (index, submission) in submissions.enumerated() {
                group.addTask { (index, await self.check(submission, from: caller, by: way)) }
            }
            return await group.reduce(into: [Int: Result<AuthorizedMessage, any Error>]()) { $0[$1.0] = $1.1 }
        }
        let messages = submissions.indices.compactMap { try? checked[$0]?.get() }
        var committed = await commit(messages, from: caller)[...]
        var results: [Result<Acceptance, any Error>] = []
        for (index, submission) in submissions.enumerated() {
            switch checked[index] {
            case .success: results.append(await settle(committed.removeFirst(), of: submission, from: caller))
            case .failure(let error): results.append(await settle(.failure(error), of: submission, from: caller))
            case nil: preconditionFailure("every submission was checked")
            }
        }
        return results
    }

    private func check(
        _ submission: Submitted, from caller: Caller, by way: SubmissionWay
    ) async -> Result<AuthorizedMessage, any Error> {
        do {
            switch submission {
            case .octets(let bytes): return .success(try await check(bytes, from: caller, by: way))
            case .refused(let refusal): throw refusal
            }
        } catch {
            return .failure(error)
        }
    }

    /// Turns a refusal into evidence, and a repetition into its first acceptance.
    private func settle(
        _ result: Result<Acceptance, any Error>, of submission: Submitted, from caller: Caller
    ) async -> Result<Acceptance, any Error> {
        do {
            return .success(try result.get())
        } catch let refusal as Refusal {
            do {
                return .failure(try await record(refusal, of: submission.octets, from: caller))
            } catch {
                return .failure(error)
            }
        } catch let repeated as Repetition {
            return .success(counters.count(Acceptance(receipt: repeated.receipt, isRepeated: true)))
        } catch {
            return .failure(error)
        }
    }

    /// A submission that was refused by now, but accepted before.
    private struct Repetition: Error {
        let receipt: Receipt
    }

    private func check(
        _ bytes: [UInt8], from caller: Caller, by way: SubmissionWay = .wire
    ) async throws -> AuthorizedMessage {
        if way == .wire { try quotas.admit(bytes.count, of: caller.agency, at: caller.at) }
        let submission = try authenticator.submission(bytes, from: caller)
        do {
            return try await approve(submission)
        } catch {
            // Said before: the same answer, whatever has changed since. What is approved again, the commit finds.
            guard let repeated = try await recall(submission) else { throw error }
            throw Repetition(receipt: repeated.receipt)
        }
    }

    /// All that a submission is checked for, without a trace of it: ``Approval`` has the stages in their order.
    /// - Throws: a ``Refusal``, or a ``StoreError`` where what came before cannot be read.
    public func approve(_ submission: Submission) async throws -> AuthorizedMessage {
        try await approval.approve(submission)
    }

    /// Tells what ``accept(_:from:)`` would answer, without a trace in the log.
    /// - Returns: what the policy said about each party; nothing where the message was accepted before.
    public func examine(_ bytes: [UInt8], from caller: Caller) async throws -> Examination {
        try quotas.admit(bytes.count, of: caller.agency, at: caller.at)
        let submission = try authenticator.submission(bytes, from: caller)
        if try await recall(submission) != nil {
            return Examination(isRepeated: true, decisions: [], recipients: [], senderDue: .none)
        }
        let message = try await approve(submission)
        if let stored = try await store.acceptance(of: message.key)?.digest, stored != message.digest {
            throw Refusal.idConflict(stored: stored, message)
        }
        return Examination(
            isRepeated: false, decisions: message.decisions, recipients: message.recipientClocks,
            senderDue: message.senderDue)
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
        let leaf = try await store.append(LogRecord(receipt: receipt, at: caller.at))
        return RecordedRefusal(refusal: refusal, receipt: receipt, leaf: leaf)
    }

    /// The same digest again gets the first receipt, whatever has changed since. The id that the unverified document
    /// states only says where to look: the digest decides. The signature must still verify where its certificate is
    /// listed.
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

    /// The id that an unverified envelope states, which only says where to look.
    func statedID(of bytes: [UInt8]) -> MessageID? {
        (try? SignedEnvelope(parsing: bytes, limits: limits))?.statedMessageID(limits: limits)
    }

    /// The header that an unverified envelope states, which only says what it needs.
    func statedHeader(of bytes: [UInt8]) -> Header? {
        (try? SignedEnvelope(parsing: bytes, limits: limits))?.statedHeader(limits: limits)
    }

    private func commit(
        _ messages: [AuthorizedMessage], from caller: Caller
    ) async -> [Result<Acceptance, any Error>] {
        guard !messages.isEmpty else { return [] }
        let (now, queued) = (caller.at, caller.agency.quota.applied(to: limits).queued)
        let (receipts, answerBy) = (receipts, now.advanced(bySeconds: limits.recallAnswerSeconds))
        do {
            let outcomes = try await store.accept(messages, at: now, queued: queued) { message in
                AcceptanceSigner { sequence in
                    try receipts.accepted(message, sequence: sequence, at: now)
                } answered: { event, rung in
                    try receipts.answered(event, rung, by: message)
                } acknowledged: { event in
                    try receipts.rung(.acknowledged, event, by: "system")
                } recalled: { event, cause, wasDelivered in
                    try receipts.recalled(event, cause: cause, answerBy: wasDelivered ? answerBy : nil)
                }
            }
            return zip(messages, outcomes).map { message, outcome in
                Result { counters.count(try acceptance(of: message, outcome.get()), of: message.header) }
            }
        } catch {
            guard error.code == .corrupt, messages.count > 1 else { return messages.map { _ in .failure(error) } }
            // One row that cannot be read must not fail what the others write.
            var results: [Result<Acceptance, any Error>] = []
            for message in messages { results += await commit([message], from: caller) }
            return results
        }
    }

    private func acceptance(of message: AuthorizedMessage, _ outcome: AcceptOutcome) throws(Refusal) -> Acceptance {
        switch outcome {
        case .accepted(let receipt): return Acceptance(receipt: receipt, isRepeated: false)
        case .repeated(let receipt): return Acceptance(receipt: receipt, isRepeated: true)
        case .conflict(let stored): throw .idConflict(stored: stored, message)
        case .queueFull: throw .queueFull(message.header.id)
        case .refused(let refusal): throw refusal
        }
    }
}

/// How submissions came.
public enum SubmissionWay: Sendable {
    /// By the agency's own call, as often as it likes: its rate is bounded.
    case wire
    /// In a courier bundle that an operator has handed in. No rate holds, and none is used up: not the agency says when it
    /// is imported, and how much of it is worked on at one time does not depend on how much it holds.
    case bundle
}

/// What came as one submission of several.
public enum Submitted: Sendable {
    /// Octets that may be an envelope.
    case octets([UInt8])
    /// Refused before it could be read.
    case refused(Refusal)

    var octets: [UInt8]? { if case .octets(let octets) = self { octets } else { nil } }
}

extension Refusal {
    /// Another content was accepted under the message's id.
    package static func idConflict(stored: Digest, _ message: AuthorizedMessage) -> Refusal {
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
    /// What each recipient would owe by when, were it accepted now; nothing where it was accepted before.
    public var recipients: [ReceiptStatement.RecipientClocks]
    /// What the sender would owe by when.
    public var senderDue: DueTimes
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
    /// The leaf that records it.
    public var leaf: UInt64
}
