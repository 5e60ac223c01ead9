public import SimpulCore

/// Takes deliveries one by one: verifies, hands over what can be believed, and settles only what was handled.
public struct Receiver {
    private let hub: any Hub
    private let incoming: Incoming
    private let check: @Sendable (KnownKeys) -> ReceiptCheck
    private let sent: @Sendable (MessageID) -> Digest?
    private let got: @Sendable (MessageKey) -> Digest?
    private let now: @Sendable () -> Timestamp
    private var known: KnownKeys
    private var mayAskDirectory: Timestamp?
    private var seen: SeenMessages

    /// A receiver.
    /// - Parameters:
    ///   - check: how receipts are verified with the keys known at a moment.
    ///   - sent: the digest of an envelope of ours, where we still have it.
    ///   - got: the digest of an envelope that we have received, where we still know it.
    public init(
        hub: any Hub, incoming: Incoming, known: KnownKeys, seen: SeenMessages,
        check: @escaping @Sendable (KnownKeys) -> ReceiptCheck, sent: @escaping @Sendable (MessageID) -> Digest?,
        got: @escaping @Sendable (MessageKey) -> Digest? = { _ in nil }, now: @escaping @Sendable () -> Timestamp
    ) {
        self.hub = hub
        self.incoming = incoming
        self.check = check
        self.sent = sent
        self.got = got
        self.now = now
        self.known = known
        self.seen = seen
    }

    /// What a delivery brings.
    public enum News: Sendable {
        /// A message, verified and opened.
        case message(OpenedMessage)
        /// A step that one of our own messages has taken.
        case rung(ReceiptStatement)
        /// A message that we have got was taken back: nothing more may be done with it.
        case recall(ReceiptStatement)
        /// What a clock has done to a message of another agency: we are late, it went back to its sender, or somebody
        /// else is late and we are called. Of a message that is not for us there is no more than this.
        case notice(ReceiptStatement)
    }

    /// What became of a delivery.
    public enum Outcome: Sendable, Equatable {
        /// It was handled, and is settled.
        case acknowledged
        /// It was handled before; it is settled, and was handed to nobody.
        case repeated
        /// It was shown, and is given out again when its lease is over.
        case left
        /// It is not believed: nobody got it, and it is not settled.
        case distrusted(Distrust)
        /// It was handled, but the broker did not hear of it: it comes again, and is dropped then.
        case unsettled(ClientError)
    }

    /// Handles one delivery.
    /// - Parameters:
    ///   - acknowledging: whether to settle what was handled. A message is remembered first, so that one whose
    ///     settlement was lost is not handled again.
    ///   - handle: gets what can be believed; says whether it was handled.
    public mutating func receive(
        _ delivery: Delivery, acknowledging: Bool, _ handle: (News) async throws -> Bool
    ) async throws -> Outcome {
        let news: News
        do {
            news = try await verified(delivery)
        } catch let distrust as Distrust {
            return .distrusted(distrust)
        }
        guard case .message(let message) = news else {
            return try await handle(news) && acknowledging ? await settle(delivery, as: .acknowledged) : .left
        }
        if acknowledging && seen.contains(message.header.key) { return await settle(delivery, as: .repeated) }
        guard try await handle(news), acknowledging else { return .left }
        try seen.insert(message.header.key)
        return await settle(delivery, as: .acknowledged)
    }

    private func settle(_ delivery: Delivery, as outcome: Outcome) async -> Outcome {
        do {
            try await hub.acknowledge(delivery.token, receipt: nil)
            return outcome
        } catch {
            return .unsettled(ClientError(error))
        }
    }

    /// Verifies with the keys at hand; a signer that is not among them is looked for in the directory, at most once a
    /// minute; the directory counts only as far as a known key has endorsed it.
    private mutating func verified(_ delivery: Delivery) async throws -> News {
        do {
            return try news(in: delivery)
        } catch .signerUnknown {
            let moment = now()
            if let earliest = mayAskDirectory, moment < earliest { throw Distrust.signerUnknown }
            mayAskDirectory = moment.advanced(bySeconds: 60)
            guard let directory = try? await hub.directory() else { throw Distrust.signerUnknown }
            known = known.extended(by: directory, at: moment)
            return try news(in: delivery)
        }
    }

    private func news(in delivery: Delivery) throws(Distrust) -> News {
        guard delivery.envelope == nil else { return .message(try incoming.open(delivery, known: known)) }
        let check = check(known)
        if let notice = try check.notice(delivery.receipt, of: delivery.id, from: incoming.agency, digest: got) {
            return notice.rung == .recalled ? .recall(notice) : .notice(notice)
        }
        return .rung(
            try check.rung(delivery.receipt, of: delivery.id, from: incoming.agency, digest: sent(delivery.id)))
    }
}
