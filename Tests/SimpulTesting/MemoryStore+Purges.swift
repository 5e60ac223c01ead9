internal import JOSE
public import SimpulBroker
public import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

extension MemoryStore {
    /// Looks at messages whose moment has come, and purges what nobody needs any more.
    public func purge(at now: Timestamp, limit: Int) async throws(StoreError) -> PurgeRound {
        try write { state throws(StoreError) in state.purge(at: now, limit: limit) }
    }

    /// When there is something to look at.
    public func nextPurge() async throws(StoreError) -> Timestamp? { read { $0.purges.values.min() } }

    /// The octets of the envelope that are kept; for tests.
    public func envelope(of key: MessageKey) -> [UInt8] { read { $0.messages[key]?.envelope ?? [] } }
}

extension MemoryState {
    mutating func purge(at now: Timestamp, limit: Int) -> PurgeRound {
        var round = PurgeRound()
        let due = purges.filter { $0.value <= now }.sorted {
            ($0.value, messages[$0.key]?.sequence ?? 0) < ($1.value, messages[$1.key]?.sequence ?? 0)
        }.prefix(limit)
        for (key, _) in due {
            purges[key] = nil
            guard let message = messages[key], !message.envelope.isEmpty else { continue }
            switch retention(of: message).verdict(at: now) {
            case .look(let moment): purges[key] = moment
            case .purge(let cause):
                purge(message, because: cause, at: now)
                round.purged += 1
            }
        }
        round.isFull = due.count >= limit
        return round
    }

    private func retention(of message: Message) -> BodyRetention {
        let holders = Set(message.deliveries.map(\.agency))
        let deliveries = message.deliveries.indices.map { position in
            var clocks = clocks(at: (message.key, position))
            clocks.isOfBroker = message.deliveries[position].agency == message.header.hub
            return BodyRetention.Delivery(
                clocks: clocks, rungs: message.deliveries[position].rungs.map { ($0.rung, $0.at) })
        }
        return BodyRetention(
            expires: message.header.expires, deliveries: deliveries,
            hasFallbackLeft: message.header.fallback.contains { !holders.contains($0) },
            keptSeconds: limits.openedBodySeconds)
    }

    private mutating func purge(_ message: Message, because cause: PurgeCause, at now: Timestamp) {
        let holders = Set(message.deliveries.map(\.agency))
        let kept = document(of: message).map { KeptDocument.octets(of: $0, holders: holders) } ?? []
        _ = append(PurgeRecord(message: message.sequence, cause: cause, kept: kept, at: now).logged)
        messages[message.key]?.envelope = []
        messages[message.key]?.purged = now
        if let document = try? EnvelopeDocument(parsing: kept, limits: limits), let header = Header(document.header) {
            messages[message.key]?.header = header
        }
        freeAttachments(listedBy: message.key)
    }

    private func document(of message: Message) -> EnvelopeDocument? {
        guard let signed = try? SignedEnvelope(parsing: message.envelope, limits: limits),
            let payload = try? signed.inflatedPayload(limit: limits.documentBytes)
        else { return nil }
        return try? EnvelopeDocument(parsing: payload, limits: limits)
    }

    mutating func rearmPurges(at now: Timestamp) {
        let latest = now.advanced(bySeconds: limits.openedBodySeconds)
        for (key, moment) in purges where moment > latest { purges[key] = now }
    }
}
