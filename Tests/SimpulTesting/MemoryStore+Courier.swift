internal import JOSE
public import SimpulBroker
public import SimpulCore
internal import SimpulEnvelope

extension MemoryStore {
    /// Deliveries of an agency that are not settled.
    public func unsettled(
        for agency: AgencyID, after place: CourierPlace?, limit: Int, bytes: Int
    ) async throws(StoreError) -> UnsettledPage {
        state.withLockedValue { $0.unsettled(for: agency, after: place, limit: limit, bytes: bytes) }
    }

    /// Rungs that an agency has not settled.
    public func untold(
        for agency: AgencyID, after leaf: UInt64?, limit: Int
    ) async throws(StoreError) -> [UntoldReceipt] {
        state.withLockedValue { state in
            let own = state.told.filter { told in
                told.agency == agency && !told.isSettled && leaf.map { UInt64(told.leaf) > $0 } ?? true
            }
            return own.sorted { $0.leaf < $1.leaf }.prefix(limit).map {
                UntoldReceipt(leaf: UInt64($0.leaf), id: $0.key.id, receipt: state.receipt(at: UInt64($0.leaf)))
            }
        }
    }

    /// Answers that wait for a bundle's confirmation.
    public func answers(
        for agency: AgencyID, after leaf: UInt64?, limit: Int
    ) async throws(StoreError) -> [UntoldReceipt] {
        state.withLockedValue { state in
            let leaves = (state.answers[agency] ?? []).filter { kept in leaf.map { kept > $0 } ?? true }
            return leaves.sorted().prefix(limit).map {
                UntoldReceipt(leaf: $0, id: nil, receipt: state.receipt(at: $0))
            }
        }
    }

    /// Keeps answers until they are confirmed.
    public func keep(_ answers: [CourierAnswer], for agency: AgencyID) async throws(StoreError) {
        try write { state throws(StoreError) in
            for answer in answers {
                switch answer {
                case .accepted(let id):
                    guard let message = state.messages[MessageKey(sender: agency, id: id)] else { continue }
                    state.answers[agency, default: []].insert(message.sequence)
                case .refused(let leaf): state.answers[agency, default: []].insert(leaf)
                }
            }
        }
    }

    /// Says that messages go out in a bundle.
    public func carry(
        _ keys: [MessageKey], to agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws -> Receipt
    ) async throws(StoreError) {
        try write { state throws(StoreError) in
            for key in keys {
                guard let position = state.messages[key]?.deliveries.firstIndex(where: { $0.agency == agency }) else {
                    continue
                }
                do { _ = try state.take(.carry, (key, position), at: now) { try sign($1) } } catch {
                    throw StoreError(.unavailable, "signing failed: \(error)")
                }
            }
        }
    }

    /// Settles what an agency says that it has.
    public func confirm(
        _ receipts: [CourierConfirmation], by agency: AgencyID
    ) async throws(StoreError) -> Int {
        try write { state throws(StoreError) in
            state.confirmationSizes.append(receipts.count)
            return receipts.count { state.confirm($0, by: agency) }
        }
    }

    /// How many confirmations each call brought.
    public var confirmationSizes: [Int] { read { $0.confirmationSizes } }

    /// The rungs of a message's first delivery, at this moment.
    public func delivered(_ key: MessageKey) -> [Rung] {
        read { $0.messages[key]?.deliveries.first?.rungs.map(\.rung) ?? [] }
    }
}

extension MemoryState {
    func unsettled(for agency: AgencyID, after place: CourierPlace?, limit: Int, bytes: Int) -> UnsettledPage {
        let open = places(of: agency, type: nil).filter {
            !delivery(at: $0).isSettled && delivery(at: $0).machine.state != .parked
        }
        let waiting = open.compactMap { place in
            messages[place.key].map {
                (CourierPlace(rank: $0.rank, turn: delivery(at: place).turn, message: $0.sequence), place, $0)
            }
        }
        var (page, octets, last) = (UnsettledPage(), 0, place)
        for (position, place, message) in waiting {
            if let after = last,
                (position.rank, position.turn, position.message) <= (after.rank, after.turn, after.message)
            {
                continue
            }
            octets += message.envelope.count
            guard page.deliveries.count < limit, octets <= bytes || page.deliveries.isEmpty else {
                page.next = last
                break
            }
            last = position
            page.deliveries.append(
                UnsettledDelivery(
                    key: place.key, due: delivery(at: place).due, envelope: message.envelope,
                    receipt: receipt(at: message.sequence)))
        }
        return page
    }

    mutating func confirm(_ confirmation: CourierConfirmation, by agency: AgencyID) -> Bool {
        guard confirmation.leaf < UInt64(log.count),
            Digest(SHA256.hash(receipt(at: confirmation.leaf).token)) == confirmation.digest
        else { return false }
        let wasAnswer = answers[agency]?.remove(confirmation.leaf) != nil
        let index = told.firstIndex {
            UInt64($0.leaf) == confirmation.leaf && $0.agency == agency && !$0.isSettled
        }
        if let index { told[index].isSettled = true }
        return wasAnswer || index != nil
    }
}
