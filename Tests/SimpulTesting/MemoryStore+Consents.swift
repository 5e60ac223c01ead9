internal import SimpulBroker
internal import SimpulCore

/// Grants, and what their end takes back.
extension MemoryState {
    typealias RecallSigner = (RungEvent, RecallCause, Bool) throws -> Receipt

    func known(for message: AuthorizedMessage) -> KnownGrants {
        let header = message.header
        guard let reference = message.consent?.reference ?? header.neededConsent else { return .none }
        return known(reference, header.status, to: header.sender)
    }

    func known(_ reference: ConsentReference, _ status: Header.Status, to agency: AgencyID) -> KnownGrants {
        let shared = grants.values.filter {
            $0.key.reference == reference && $0.key.status == status && $0.isShared(with: agency)
        }
        guard !shared.isEmpty else { return .none }
        let standing = messages.values.count { $0.header.neededConsent == reference && $0.header.status == status }
        return KnownGrants(
            grants: shared.sorted { $0.key.holder < $1.key.holder }, messages: min(standing, limits.consentMessages + 1)
        )
    }

    mutating func settleOwn(
        _ message: AuthorizedMessage, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws(StoreError) {
        let hub = message.header.hub
        guard let position = message.header.recipients.firstIndex(of: hub) else { return }
        let event = RungEvent(key: message.key, digest: message.digest, agency: hub, at: now)
        raise(
            (message.key, position), by: SignedRung(rung: .acknowledged, receipt: try signing { try sign(event) }),
            at: now)
    }

    mutating func recall(
        whatStandsOn grant: ConsentGrant, because cause: RecallCause, at now: Timestamp, sign: RecallSigner
    ) throws(StoreError) {
        let standing = messages.values.filter { message in
            message.header.neededConsent == grant.key.reference && message.header.status == grant.key.status
                && grant.wasShared(with: message.header.sender)
                && !grants.values.contains {
                    $0.key.reference == grant.key.reference && $0.key.status == grant.key.status
                        && $0.key.holder == message.key.sender && $0.covers(message.header, at: now)
                }
        }
        for message in standing.sorted(by: { $0.sequence < $1.sequence }) {
            try recall(message.key, because: cause, at: now, sign: sign) { _ in true }
        }
    }

    mutating func recallOwn(
        _ header: Header, at now: Timestamp, sign: RecallSigner
    ) throws(StoreError) {
        guard header.type == .recall, header.position == nil, let id = header.inReplyTo else { return }
        let key = MessageKey(sender: header.sender, id: id)
        guard messages[key]?.header.status == header.status else { return }
        try recall(key, because: .bySender, at: now, sign: sign) {
            !$0.machine.wasDelivered && !$0.isSettled
        }
    }

    private mutating func recall(
        _ key: MessageKey, because cause: RecallCause, at now: Timestamp, sign: RecallSigner,
        where isMeant: (Delivery) -> Bool
    ) throws(StoreError) {
        guard let message = messages[key] else { return }
        for position in message.deliveries.indices {
            let delivery = message.deliveries[position]
            guard !delivery.wasRecalled, isMeant(delivery) else { continue }
            let wasDelivered = delivery.machine.wasDelivered
            let event = RungEvent(key: key, digest: message.digest, agency: delivery.agency, at: now)
            let receipt = try signing { try sign(event, cause, wasDelivered) }
            guard delivery.isSettled else {
                _ = take(.recall, (key, position), at: now) { _, _ in receipt }
                continue
            }
            tell(
                append(LogRecord(receipt: receipt, at: now)), of: key,
                wasDelivered ? [key.sender, delivery.agency] : [key.sender])
            messages[key]?.deliveries[position].rungs.append(
                RecordedRung(rung: .recalled, at: now, receipt: receipt))
            replan((key, position)) { $0.isStopped = true }
        }
        freeAttachments(of: key)
        if message.header.type != .consent, messages[key]?.deliveries.allSatisfy(\.machine.wasNeverGot) == true {
            messages[key]?.envelope = []
        }
    }

    mutating func settleLease(of place: Place, attempt: Int) {
        for (token, lease) in leases where lease.message == place.key && lease.position == place.position {
            if lease.attempt == attempt { leases[token]?.isSettled = true }
        }
    }
}
