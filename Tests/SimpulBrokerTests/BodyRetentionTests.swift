import SimpulBroker
import SimpulCore
import StrictJSON
import Testing

/// When an envelope is purged, as a value.
@Suite struct BodyRetentionTests {
    private static let day: Int64 = 86400
    private let start = Timestamp(milliseconds: 1_772_000_000_000)

    private func at(_ seconds: Int64) -> Timestamp { start.advanced(bySeconds: seconds) }

    private func delivery(
        _ state: DeliveryState, _ rungs: [(Rung, Int64)], due: DueTimes = .none,
        _ change: (inout DeliveryClocks) -> Void = { _ in }
    ) -> BodyRetention.Delivery {
        let height = rungs.map(\.0).filter { $0.height > 0 }.max { $0.height < $1.height } ?? .accepted
        let machine = DeliveryMachine(
            state: state, rung: height, attempt: 1, leaseUntil: .epoch, notBefore: .epoch)
        var clocks = DeliveryClocks(machine: machine, due: due, expires: at(10 * Self.day), level: .first)
        change(&clocks)
        return BodyRetention.Delivery(clocks: clocks, rungs: rungs.map { (rung: $0.0, at: at($0.1)) })
    }

    private func verdict(
        _ deliveries: [BodyRetention.Delivery], fallback: Bool = false, at seconds: Int64
    ) -> BodyRetention.Verdict {
        BodyRetention(
            expires: at(10 * Self.day), deliveries: deliveries, hasFallbackLeft: fallback, keptSeconds: Self.day
        ).verdict(at: at(seconds))
    }

    @Test(arguments: [
        DeliveryState.waiting, .backingOff, .parked, .leased, .pushing, .acknowledged,
    ])
    func `what one recipient has not opened stays, and is looked at again in a day or at its end`(
        _ state: DeliveryState
    ) {
        let open = delivery(state, state == .acknowledged ? [(.delivered, 1), (.acknowledged, 2)] : [])
        let opened = delivery(.opened, [(.opened, 3)])
        #expect(verdict([opened, open], at: 5 * Self.day) == .look(at: at(6 * Self.day)))
        #expect(verdict([opened, open], at: 10 * Self.day - 5) == .look(at: at(10 * Self.day)))
    }

    @Test func `a day after the last recipient has opened it goes, and not a millisecond before`() {
        let both = [delivery(.opened, [(.opened, 10)]), delivery(.closed, [(.delivered, 20), (.answered, 70)])]
        #expect(verdict(both, at: Self.day) == .look(at: at(Self.day + 70)))
        #expect(verdict(both, at: Self.day + 69) == .look(at: at(Self.day + 70)))
        #expect(verdict(both, at: Self.day + 70) == .purge(.opened))
    }

    @Test(arguments: [(DeliveryState.bounced, Rung.bounced), (.recalled, .recalled), (.cancelled, .recalled)])
    func `who gets it no more does not keep it, and counts from that moment`(_ state: DeliveryState, _ rung: Rung) {
        let both = [delivery(.opened, [(.opened, 10)]), delivery(state, [(.delivered, 11), (rung, 50)])]
        #expect(verdict(both, at: Self.day + 49) == .look(at: at(Self.day + 50)))
        #expect(verdict(both, at: Self.day + 50) == .purge(.opened))
    }

    @Test func `what was taken back after its recipient's system had it is not kept for an officer`() {
        let one = delivery(.acknowledged, [(.acknowledged, 5), (.recalled, 9)])
        #expect(verdict([one], at: Self.day + 9) == .purge(.opened))
    }

    @Test func `the broker has read what is for it`() {
        let own = delivery(.acknowledged, [(.acknowledged, 1)]) { $0.isOfBroker = true }
        #expect(verdict([own], at: Self.day + 1) == .purge(.opened))
        #expect(verdict([delivery(.acknowledged, [(.acknowledged, 1)])], at: Self.day + 1) != .purge(.opened))
    }

    @Test func `a fallback that a clock or a refusal may still call keeps it until its end`() {
        let later = DueTimes(serve: at(9 * Self.day))
        let calling = [
            delivery(.opened, [(.opened, 1)]),
            delivery(.answered, [(.answered, 1)], due: later),
            delivery(.answered, [(.answered, 1)]) { $0.progress.isRefused = true },
        ]
        for one in calling {
            #expect(verdict([one], fallback: true, at: 2 * Self.day) == .look(at: at(2 * Self.day + 3600)))
            #expect(verdict([one], fallback: false, at: 2 * Self.day) == .purge(.opened))
            #expect(verdict([one], fallback: true, at: 10 * Self.day) == .purge(.expired))
        }
        let silent = [
            delivery(.answered, [(.answered, 1)]),
            delivery(.answered, [(.answered, 1)], due: later) { $0.progress.isServed = true },
            delivery(.closed, [(.closed, 1)], due: later),
            delivery(.bounced, [(.bounced, 1)], due: later),
            delivery(.opened, [(.opened, 1)], due: later) { $0.progress.isStopped = true },
            delivery(.opened, [(.opened, 1)], due: later) { $0.progress.isHandedOver = true },
        ]
        for one in silent {
            #expect(verdict([one], fallback: true, at: 2 * Self.day) == .purge(.opened))
        }
    }

    @Test func `at its end it goes whatever was opened, but never while a delivery is open`() {
        #expect(verdict([delivery(.acknowledged, [(.acknowledged, 1)])], at: 10 * Self.day) == .purge(.expired))
        #expect(verdict([delivery(.expired, [(.expired, 864_000)])], at: 10 * Self.day) == .purge(.expired))
        let open = [delivery(.expired, [(.expired, 1)]), delivery(.parked, [])]
        #expect(verdict(open, at: 10 * Self.day) == .look(at: at(10 * Self.day + 60)))
    }

    @Test func `what was opened by a clock that was ahead counts as opened now`() {
        let one = delivery(.opened, [(.opened, 5 * Self.day)])
        #expect(verdict([one], at: Self.day) == .look(at: at(2 * Self.day)))
    }

    @Test func `a record reads back, and anything else is none`() throws {
        let record = PurgeRecord(message: 7, cause: .opened, kept: [1], at: start)
        #expect(PurgeRecord(record.logged) == record)
        #expect(record.names([1]) && !record.names([]))
        let changes: KeyValuePairs<String, JSON> = [
            "v": 2, "message": -7, "cause": "x", "kept": "x", "at": "x", "subject": "x", "more": 1,
        ]
        for (name, value) in changes {
            var json = JSON(try JSONDocument(record.logged.octets).root)
            json[name] = value
            #expect(PurgeRecord(LogRecord(subject: .purge, at: start, octets: json.bytes)) == nil, "\(name)")
        }
        #expect(PurgeRecord(LogRecord(subject: .operation, at: start, octets: record.logged.octets)) == nil)
    }
}
