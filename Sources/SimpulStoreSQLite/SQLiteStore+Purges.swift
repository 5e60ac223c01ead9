public import SimpulBroker
public import SimpulCore

extension SQLiteStore {
    /// Looks at messages whose moment has come, and purges what nobody needs any more.
    public func purge(at now: Timestamp, limit: Int) async throws(StoreError) -> PurgeRound {
        // No heavier than what the queue keeps for each party, so that no flood shuts it out.
        try await queue.submit(for: .clocks, weight: min(limit, max(1, limits.commitQueue / 64))) { writer in
            try writer.purge(at: now, limit: limit)
        }
    }

    /// When there is something to look at; at once where the write-ahead log is to be emptied.
    public func nextPurge() async throws(StoreError) -> Timestamp? {
        if eraser.isDue { return .epoch }
        return try readers.read { reader throws(StoreError) in try reader.nextPurge() }
    }

    /// Has what was planned by a clock that was ahead looked at now. At the right time there is none of it.
    func rearmPurges(at now: Timestamp) async throws(StoreError) {
        let slice = limits.commitBatch
        var rearmed = slice
        while rearmed == slice {
            rearmed = try await queue.submit(for: .clocks) { writer in try writer.rearmPurges(at: now, limit: slice) }
        }
    }
}
