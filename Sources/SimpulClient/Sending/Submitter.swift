internal import JOSE
public import SimpulCore

/// Brings what lies in the spool to the broker: the same bytes again and again, with growing pauses, until the broker's
/// receipt is verified and kept, or the broker refuses for good, or the time is up.
public struct Submitter: Sendable {
    private let hub: any Hub
    private let spool: Spool
    private let agency: AgencyID
    private let check: ReceiptCheck
    private let clock: RetryClock
    private let uploads: EnclosedUploads?

    /// A submitter for messages of that agency.
    /// - Parameter uploads: what uploads the files of a message before it; nil where there are none.
    public init(
        hub: any Hub, spool: Spool, agency: AgencyID, check: ReceiptCheck, clock: RetryClock,
        uploads: EnclosedUploads? = nil
    ) {
        self.uploads = uploads
        self.hub = hub
        self.spool = spool
        self.agency = agency
        self.check = check
        self.clock = clock
    }

    /// A message that the broker has, and can be held to.
    public struct Submitted: Sendable, Equatable {
        /// The message.
        public var id: MessageID
        /// The envelope's digest.
        public var digest: Digest
        /// The verified receipt; it lies in the spool.
        public var receipt: Receipt
        /// What the receipt says.
        public var statement: ReceiptStatement
        /// Whether the broker had the message already.
        public var isRepeated: Bool
    }

    /// Submits one envelope of the spool until that moment, its files before it, for which the time counts from the last
    /// progress.
    /// - Throws: ``ClientError``: where the broker has signed that it refuses this very envelope, it leaves the spool;
    ///   after any other failure, and where a receipt cannot be believed, it stays there.
    public func submit(_ envelope: SpooledEnvelope, until deadline: Timestamp) async throws(ClientError) -> Submitted {
        try await uploadFiles(of: envelope)
        let outcome: SubmitOutcome
        do {
            outcome = try await clock.retrying(until: deadline) { seconds throws(HubError) in
                let outcome = try await hub.submit(envelope.bytes, seconds: seconds)
                if case .problem(let problem) = outcome, problem.isTemporary { throw .problem(problem) }
                return outcome
            }
        } catch {
            throw ClientError(error).stayingSpooled(envelope.id)
        }
        switch outcome {
        case .receipt(let receipt, let isRepeated):
            return try settle(envelope, receipt, isRepeated: isRepeated)
        case .problem(let problem):
            guard isRefused(envelope, by: problem) else { throw ClientError(problem).stayingSpooled(envelope.id) }
            try spool.discard(envelope.id)
            throw ClientError(problem)
        }
    }

    /// - Throws: ``ClientError``; where the broker takes no file that large, the message has no way and leaves the spool.
    private func uploadFiles(of envelope: SpooledEnvelope) async throws(ClientError) {
        guard let uploads else { return }
        for (attachment, path) in spool.enclosed(with: envelope) {
            do {
                try await uploads.upload(attachment, from: path)
            } catch  where error.outcome == .refused && error.code == ErrorCode.tooLarge.rawValue {
                try spool.discard(envelope.id)
                throw error
            } catch {
                throw error.stayingSpooled(envelope.id)
            }
        }
    }

    /// Whether the broker has judged this envelope: a problem alone may come from anything on the way, or mean us.
    private func isRefused(_ envelope: SpooledEnvelope, by problem: ProblemDocument) -> Bool {
        guard let receipt = problem.receipt else { return false }
        return (try? check.refusal(receipt, from: agency, digest: envelope.digest)) != nil
    }

    private func settle(
        _ envelope: SpooledEnvelope, _ receipt: Receipt, isRepeated: Bool
    ) throws(ClientError) -> Submitted {
        let statement: ReceiptStatement
        do {
            statement = try check.acceptance(receipt, of: envelope.id, from: agency, digest: envelope.digest)
        } catch {
            throw ClientError(.refused, error.rawValue, error.detail).stayingSpooled(envelope.id)
        }
        try spool.settle(envelope.id, with: receipt)
        return Submitted(
            id: envelope.id, digest: envelope.digest, receipt: receipt, statement: statement, isRepeated: isRepeated)
    }
}

extension ClientError {
    fileprivate func stayingSpooled(_ id: MessageID) -> ClientError {
        var error = self
        error.detail = LocalizedText(
            "\(detail.english)\nMessage \(id) stays in the spool; simpul send --spooled sends it later.",
            "\(detail.indonesian)\nPesan \(id) tetap di antrean kirim; simpul send --spooled mengirimnya nanti.")
        return error
    }
}
