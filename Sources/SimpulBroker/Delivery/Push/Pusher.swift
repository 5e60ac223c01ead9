public import Logging
internal import NIOConcurrencyHelpers
public import SimpulCore
internal import SimpulEnvelope

/// Pushes one agency's deliveries to its endpoint for as long as it runs: waits for one, leases it, posts it, settles it
/// or gives it back. ``PushDestination`` decides how many and when; each agency has a pusher of its own, so that none
/// waits for another.
public struct Pusher: Sendable {
    private let agency: AgencyID
    private let inbox: PushInbox
    private let rulebook: Rulebook
    private let board: PushBoard
    private let now: @Sendable () -> Timestamp
    private let transport: any PushTransport
    private let random: @Sendable () -> Double
    private let logger: Logger
    private let destination: NIOLockedValueBox<PushDestination>
    /// Rung when a delivery on its way has ended.
    private let ends = Doorbell()

    /// Lines about failures in the current minute.
    private let lines = NIOLockedValueBox((minute: Int64(0), count: 0))

    /// Lines about failures in one minute; more are only counted. An endpoint that refuses message after message, or a
    /// store that fails, would fill the log otherwise.
    private static let mostLines = 60
    /// Milliseconds before a store that failed is asked again.
    private static let storePause: Int64 = 1000

    /// A pusher that does nothing until ``run()``.
    /// - Parameter random: numbers from 0 to 1.
    public init(
        _ agency: AgencyID, of broker: Broker, transport: any PushTransport, settings: PushDestination.Settings,
        random: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.agency = agency
        inbox = broker.pushInbox
        rulebook = broker.rulebook
        board = broker.pushBoard
        now = broker.now
        self.transport = transport
        self.random = random
        self.logger = logger
        destination = NIOLockedValueBox(PushDestination(settings))
    }

    /// Pushes until the task is cancelled; then what is on its way is given back, and the agency's row leaves the board.
    public func run() async {
        change { _ in }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                // Registered before the look, so that no change falls between look and wait.
                let (changes, ended) = (inbox.changes(for: agency), ends.changes(for: agency))
                switch destination.withLockedValue({ $0.next(at: now()) }) {
                case .rest(let until): await wait(for: [ended], until: until)
                case .start where rulebook.rules.roster.activeAgency(agency)?.push == nil:
                    await wait(for: [], until: Timestamp(milliseconds: now().milliseconds + Self.storePause))
                case .start(let count):
                    let deliveries: [LeasedDelivery]
                    switch await claim(count) {
                    case .success(.leased(let leased, _)): deliveries = leased
                    case .success(.empty(let nextLeaseEnd)):
                        await wait(for: [changes, ended], until: nextLeaseEnd)
                        continue
                    case .failure:
                        await wait(for: [], until: Timestamp(milliseconds: now().milliseconds + Self.storePause))
                        continue
                    }
                    change { $0.started(deliveries.count) }
                    for delivery in deliveries { group.addTask { await push(delivery) } }
                }
            }
        }
        board.remove(agency)
    }

    private func claim(_ count: Int) async -> Result<ClaimOutcome, StoreError> {
        do throws(StoreError) {
            return .success(try await inbox.claim(count, for: agency))
        } catch {
            if mayTell() { log(.error, "Deliveries to push cannot be leased", ["cause": "\(error.cause)"]) }
            return .failure(error)
        }
    }

    /// What a receiver says it has makes room for the next delivery at once, and is settled beside that. The store does
    /// an agency's calls in their order, so that the next lease stands behind what was to be settled before: what is
    /// being settled is bounded by about two windows.
    private func push(_ delivery: LeasedDelivery) async {
        switch await post(delivery) {
        case .acknowledged?:
            _ = leave(.settled, delivery)
            await conclude(delivery, await settle(delivery, receipt: nil), rest: nil)
        case .receipt(let token)?:
            let end = await settle(delivery, receipt: token)
            await conclude(delivery, end, rest: leave(end, delivery))
        case .failed(let trouble)?:
            await conclude(delivery, .failed(trouble), rest: leave(.failed(trouble), delivery))
        case nil: await conclude(delivery, .abandoned, rest: leave(.abandoned, delivery))
        }
    }

    /// A delivery is on its way no more.
    /// - Returns: until when it rests, where it has failed.
    private func leave(_ end: PushDestination.End, _ delivery: LeasedDelivery) -> Timestamp? {
        let moment = now()
        let (until, opened) = change { destination -> (Timestamp?, Timestamp?) in
            let wasOpen = destination.openUntil != nil
            let until = destination.ended(end, failures: delivery.failures + 1, at: moment, jitter: random())
            return (until, wasOpen ? nil : destination.openUntil)
        }
        if case .failed(let trouble) = end { tell(trouble, attempt: delivery.attempt, opened: opened) }
        ends.ring([agency])
        return until
    }

    /// Counts how it has ended, and gives back what is not settled.
    private func conclude(_ delivery: LeasedDelivery, _ end: PushDestination.End, rest: Timestamp?) async {
        let moment = now()
        change { _ in
        } row: { row in
            row.add(end, at: moment)
        }
        switch end {
        case .settled: break
        case .failed:
            await handBack(delivery) { store throws(StoreError) in
                try await store.giveBack(delivery.token, of: agency, until: rest ?? moment)
            }
        case .abandoned:
            // Where the store has failed, the lease ends by itself: at once, it would only fail again.
            guard Task.isCancelled else { break }
            await handBack(delivery) { store throws(StoreError) in try await store.release(delivery.token, of: agency) }
        }
    }

    /// Posts it once.
    /// - Returns: what its receiver says; nil where nobody was asked, or the broker stops.
    private func post(_ delivery: LeasedDelivery) async -> PushVerdict? {
        let roster = rulebook.rules.roster
        guard !Task.isCancelled, let digest = SignedEnvelope.digest(ofUnparsed: delivery.envelope),
            let listed = roster.activeAgency(agency), let endpoint = listed.push
        else { return nil }
        let outcome = await transport.post(
            PushRequest(
                agency: agency, endpoint: endpoint, token: delivery.token, envelope: delivery.envelope,
                trust: roster.trust))
        return switch outcome {
        case .cancelled: nil
        case .failed(let trouble): .failed(trouble)
        case .answered(let answer): PushVerdict(answer, digest: digest, at: now())
        }
    }

    private func settle(_ delivery: LeasedDelivery, receipt: [UInt8]?) async -> PushDestination.End {
        // The rules of this moment: a receipt is judged when it comes.
        let roster = rulebook.rules.roster
        guard let listed = roster.activeAgency(agency) else { return .abandoned }
        do throws(StoreError) {
            let refusal = try await inbox.settle(delivery.token, receipt: receipt, of: listed, in: roster)
            guard let refusal else { return .settled }
            // Somebody else has settled it, or has it now: the receiver did its part.
            if refusal.code == .leaseExpired || refusal.code == .notFound { return .settled }
            return .failed(PushTrouble(.receiptRefused, detail: refusal.code.rawValue))
        } catch {
            if mayTell() {
                log(.error, "A pushed delivery cannot be settled; it will be pushed again", ["cause": "\(error.cause)"])
            }
            return .abandoned
        }
    }

    /// Where the store fails, the lease ends by itself.
    private func handBack(_ delivery: LeasedDelivery, _ body: (PushInbox) async throws(StoreError) -> Void) async {
        do throws(StoreError) {
            try await body(inbox)
        } catch {
            if mayTell() {
                log(.error, "A pushed delivery cannot be given back before its lease ends", ["cause": "\(error.cause)"])
            }
        }
    }

    /// Changes the destination, and what the board shows of it, as one.
    private func change<Result>(
        _ body: (inout PushDestination) -> Result, row: (inout PushBoard.Row) -> Void = { _ in }
    ) -> Result {
        destination.withLockedValue { destination in
            let result = body(&destination)
            board.show(destination, of: agency, row)
            return result
        }
    }

    private func tell(_ trouble: PushTrouble, attempt: Int, opened: Timestamp?) {
        var metadata: Logger.Metadata = ["attempt": "\(attempt)", "reason": "\(trouble.failure.rawValue)"]
        if let detail = trouble.detail { metadata["detail"] = "\(detail)" }
        if mayTell() { log(.notice, "A push has failed", metadata) }
        if let opened {
            log(.warning, "Pushing rests: the endpoint fails again and again", ["until": "\(opened)"])
        }
    }

    private func mayTell() -> Bool {
        let minute = now().seconds / 60
        return lines.withLockedValue { lines in
            if lines.minute != minute { lines = (minute, 0) }
            lines.count += 1
            return lines.count <= Self.mostLines
        }
    }

    private func log(_ level: Logger.Level, _ sentence: StaticString, _ metadata: Logger.Metadata) {
        logger.log(
            level: level, "\(sentence)", metadata: metadata.merging(["agency": "\(agency)"]) { first, _ in first })
    }

    /// Returns at the first signal, at that moment, or when the task is cancelled.
    private func wait(for signals: [AsyncStream<Void>], until: Timestamp?) async {
        let milliseconds = until.map { max(1, $0.milliseconds - now().milliseconds) }
        await withTaskGroup(of: Void.self) { group in
            for signal in signals { group.addTask { for await _ in signal { return } } }
            if let milliseconds {
                group.addTask { try? await Task.sleep(for: .milliseconds(milliseconds)) }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
