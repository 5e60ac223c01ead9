public import SimpulBroker
public import SimpulCore

extension SQLiteStore {
    /// Deliveries of an agency that are not settled.
    public func unsettled(
        for agency: AgencyID, after place: CourierPlace?, limit: Int, bytes: Int
    ) async throws(StoreError) -> UnsettledPage {
        try readers.read { reader throws(StoreError) in
            try reader.snapshot { () throws(StoreError) in
                try reader.waiting.unsettled(for: agency, after: place, limit: limit, bytes: bytes)
            }
        }
    }

    /// Rungs that an agency has not settled.
    public func untold(
        for agency: AgencyID, after leaf: UInt64?, limit: Int
    ) async throws(StoreError) -> [UntoldReceipt] {
        try readers.read { reader throws(StoreError) in
            try reader.waiting.untold(for: agency, after: leaf, limit: limit)
        }
    }

    /// Answers that wait for a bundle's confirmation.
    public func answers(
        for agency: AgencyID, after leaf: UInt64?, limit: Int
    ) async throws(StoreError) -> [UntoldReceipt] {
        try readers.read { reader throws(StoreError) in
            try reader.waiting.answers(for: agency, after: leaf, limit: limit)
        }
    }

    /// Says that messages go out in a bundle.
    public func carry(
        _ keys: [MessageKey], to agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws -> Receipt
    ) async throws(StoreError) {
        guard !keys.isEmpty else { return }
        try await queue.submit(for: .fetching(agency), weight: keys.count) { writer in
            try writer.carry(keys, to: agency, at: now, sign: sign)
        }
    }

    /// Keeps answers until they are confirmed.
    public func keep(_ answers: [CourierAnswer], for agency: AgencyID) async throws(StoreError) {
        guard !answers.isEmpty else { return }
        try await queue.submit(for: .sending(agency), weight: answers.count) { writer in
            for answer in answers { try writer.answers.keep(answer, for: agency) }
        }
    }

    /// Settles what an agency says that it has.
    public func confirm(
        _ receipts: [CourierConfirmation], by agency: AgencyID
    ) async throws(StoreError) -> Int {
        guard !receipts.isEmpty else { return 0 }
        return try await queue.submit(for: .sending(agency), weight: receipts.count) { writer in
            var confirmed = 0
            for receipt in receipts {
                let (wasAnswer, wasRung) = try writer.answers.confirm(receipt, by: agency)
                if wasRung { try writer.lanes.tell(agency, -1) }
                if wasAnswer || wasRung { confirmed += 1 }
            }
            return confirmed
        }
    }
}
