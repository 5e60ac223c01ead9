internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

extension Writer {
    /// Looks at messages whose moment has come, and purges those whose envelope nobody needs any more.
    func purge(at now: Timestamp, limit: Int) throws -> PurgeRound {
        var round = PurgeRound()
        let due = try purges.due(at: now, limit: limit)
        for one in due {
            try purges.looked(one)
            guard let expires = try purges.expiry(ofPresent: one.message) else { continue }
            switch try verdict(on: one.message, expires: expires, at: now) {
            case .look(let moment): try purges.look(at: moment, one.message)
            case .purge(let cause):
                try purge(one.message, because: cause, at: now)
                round.purged += 1
            }
        }
        round.isFull = due.count >= limit
        return round
    }

    /// What cannot be read may still be needed before its end, and is of no use to anybody after it.
    private func verdict(
        on message: UInt64, expires: Timestamp, at now: Timestamp
    ) throws(StoreError) -> BodyRetention.Verdict {
        do throws(StoreError) {
            let rungs = try purges.rungs(of: message)
            let standings = try clocks.all(of: message, at: now)
            // Only where everything else is over is the envelope read.
            var retention = BodyRetention(
                expires: expires, deliveries: deliveries(standings, rungs, hub: nil), hasFallbackLeft: false,
                keptSeconds: limits.openedBodySeconds)
            guard expires > now, standings.allSatisfy({ $0.machine.state.isSettled }) else {
                return retention.verdict(at: now)
            }
            let header = try messages.header(of: message)
            let holders = Set(standings.map(\.event.agency))
            retention.deliveries = deliveries(standings, rungs, hub: header?.hub)
            retention.hasFallbackLeft = header.map { $0.fallback.contains { !holders.contains($0) } } ?? true
            return retention.verdict(at: now)
        } catch {
            guard error.code == .corrupt else { throw error }
            let retention = BodyRetention(
                expires: expires, deliveries: [], hasFallbackLeft: true, keptSeconds: limits.openedBodySeconds)
            return expires > now ? .look(at: expires) : retention.verdict(at: now)
        }
    }

    private func deliveries(
        _ standings: [DeliveryRows.Standing], _ rungs: [AgencyID: [(rung: Rung, at: Timestamp)]], hub: AgencyID?
    ) -> [BodyRetention.Delivery] {
        standings.map { standing in
            var clocks = standing.clocks
            clocks.isOfBroker = standing.event.agency == hub
            return BodyRetention.Delivery(clocks: clocks, rungs: rungs[standing.event.agency] ?? [])
        }
    }

    private func purge(_ message: UInt64, because cause: PurgeCause, at now: Timestamp) throws(StoreError) {
        let kept = try messages.kept(of: message, holders: try purges.holders(of: message))
        let leaf = try log.append(PurgeRecord(message: message, cause: cause, kept: kept, at: now).logged)
        try purges.erase(message, keeping: kept, leaf: leaf)
        try attachments.free(message)
        eraser.isNeeded()
    }

    /// Looks again, some at a time, at what was planned by a clock that was ahead.
    /// - Returns: how many.
    func rearmPurges(at now: Timestamp, limit: Int) throws(StoreError) -> Int {
        try purges.rearm(at: now, latest: now.advanced(bySeconds: limits.openedBodySeconds), limit: limit)
    }
}
