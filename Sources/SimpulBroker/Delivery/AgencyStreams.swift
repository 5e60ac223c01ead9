internal import NIOConcurrencyHelpers
internal import SimpulCore

/// The open streams of one agency, and the one task that leases for them: a message wakes that task alone, however
/// many streams wait, and it looks only for a stream that can take what it finds.
///
/// The task runs from the first stream to the last, and ends by itself.
final class AgencyStreams: Sendable {
    /// What the task works with.
    struct Tools: Sendable {
        let authenticator: Authenticator
        let store: any MessageStore
        let receipts: ReceiptIssuer
        let counters: Counters
        let limits: Limits
        let now: @Sendable () -> Timestamp
    }

    /// A stream belongs to the task that serves it; here it is only known.
    private struct Known {
        weak var stream: InboxStream?
    }

    private struct State {
        var windows: StreamWindows
        var streams: [StreamWindows.StreamID: Known] = [:]
        var next: StreamWindows.StreamID = 0
        var isOver = false
    }

    private let agency: AgencyID
    private let tools: Tools
    private let bell = StreamBell()
    private let state: NIOLockedValueBox<State>

    init(of agency: AgencyID, _ tools: Tools) {
        self.agency = agency
        self.tools = tools
        state = NIOLockedValueBox(State(windows: StreamWindows(mostOctets: tools.limits.unreadAnswerBytes)))
    }

    // MARK: Streams

    /// Opens a stream; nil where the last one has left, so that a new object is needed.
    /// - Throws: `quota`.
    func open(_ request: InboxStream.Request, for caller: Caller) throws(Refusal) -> InboxStream? {
        let most = tools.limits.streamsPerAgency
        let opened: Result<(InboxStream, Bool)?, Refusal> = state.withLockedValue { state in
            if state.isOver { return .success(nil) }
            guard state.windows.count < most else { return .failure(.tooManyStreams) }
            state.next += 1
            let stream = InboxStream(state.next, request, for: caller, of: self)
            state.windows.join(stream.id, window: request.window, content: request.content)
            state.streams[stream.id] = Known(stream: stream)
            return .success((stream, state.next == 1))
        }
        guard let (stream, isFirst) = try opened.get() else { return nil }
        tools.counters.update { $0.streams += 1 }
        if isFirst { Task { await run() } }
        return stream
    }

    /// Takes a stream out, once.
    /// - Returns: what was in flight on it.
    func remove(_ id: StreamWindows.StreamID) -> [DeliveryToken] {
        let (tokens, isKnown, isLast) = state.withLockedValue { state in
            let isKnown = state.streams.removeValue(forKey: id) != nil
            let tokens = state.windows.leave(id)
            if state.streams.isEmpty { state.isOver = true }
            return (tokens, isKnown, state.isOver)
        }
        if isKnown { tools.counters.update { $0.streams -= 1 } }
        if isLast { bell.end() } else { bell.ring() }
        return tokens
    }

    /// Whether the last stream has left.
    var isOver: Bool { state.withLockedValue { $0.isOver } }

    func ask(_ id: StreamWindows.StreamID) {
        state.withLockedValue { $0.windows.ask(id) }
        bell.ring()
    }

    func judge(_ caller: Caller) throws(Refusal) { _ = try tools.authenticator.renew(caller) }

    func release(_ tokens: [DeliveryToken]) async throws(StoreError) {
        try await tools.store.release(tokens, of: agency)
    }

    // MARK: What becomes of leases

    func ended(_ token: DeliveryToken) { if state.withLockedValue({ $0.windows.end(token) }) { bell.ring() } }

    func ended(_ message: MessageKey) { if state.withLockedValue({ $0.windows.end(message) }) { bell.ring() } }

    func extended(_ token: DeliveryToken, until: Timestamp) {
        state.withLockedValue { $0.windows.extend(token, until: until) }
    }

    // MARK: The task

    /// Contents of which nothing waits, with the moment from which that may be otherwise without a signal.
    private typealias Dry = [InboxContent: Timestamp?]

    private func run() async {
        // Registered before the first look, so that no change falls between look and wait.
        let changes = tools.store.changes(for: agency)
        await withDiscardingTaskGroup { group in
            group.addTask { [bell] in for await _ in changes { bell.change() } }
            var dry: Dry = [:]
            var alarm = StreamAlarm(bell: bell)
            while true {
                let signal = await bell.wait()
                if signal.isEnd { break }
                let now = tools.now()
                dry = signal.isChange ? [:] : dry.filter { $0.value.map { $0 > now } ?? true }
                state.withLockedValue { $0.windows.expire(at: now) }
                await feed(&dry)
                let firstEnd = state.withLockedValue { $0.windows.firstEnd }
                alarm.set(to: (dry.values + [firstEnd]).compactMap { $0 }.min(), at: tools.now())
            }
            alarm.cancel()
            group.cancelAll()
        }
    }

    /// Leases once for each kind of content that is asked for; where anything came of it, the bell rings for the next
    /// round. So no backlog of one kind keeps signals, ends of leases, or another kind waiting.
    private func feed(_ dry: inout Dry) async {
        var hasMore = false
        for content in state.withLockedValue({ $0.windows.asked }) where dry[content] == nil && !bell.isOver {
            guard let turn = state.withLockedValue({ $0.windows.next(for: content) }) else { continue }
            hasMore = true
            guard let stream = state.withLockedValue({ $0.streams[turn.stream]?.stream }) else { continue }
            do {
                try await give(to: stream, turn, &dry)
            } catch {
                stream.end(error)
                // A broken store is asked for one stream a second, not for all at once.
                if error is StoreError { try? await Task.sleep(for: .seconds(1)) }
            }
        }
        if hasMore { bell.ring() }
    }

    /// One look, by the rules of this moment.
    private func give(to stream: InboxStream, _ turn: StreamWindows.Turn, _ dry: inout Dry) async throws {
        let agency = try tools.authenticator.renew(stream.caller).agency.id
        let (now, receipts) = (tools.now(), tools.receipts)
        let claim = Claim(
            agency: agency, limit: turn.room, bytes: tools.limits.streamBytes,
            leaseUntil: now.advanced(bySeconds: Int64(stream.request.lease)), content: stream.request.content)
        switch try await tools.store.claim(claim, at: now, sign: { try receipts.rung(.delivered, $0) }) {
        case .empty(let nextLeaseEnd):
            dry[stream.request.content] = .some(nextLeaseEnd)
            state.withLockedValue { $0.windows.putBack(turn.stream) }
        case .leased(let deliveries, let rungs):
            tools.counters.update { $0.leased += deliveries.count }
            let answer = Inbox.Answer(deliveries: deliveries, rungs: rungs)
            let isGiven = state.withLockedValue {
                $0.windows.give(answer.flights, octets: answer.octets, to: turn.stream)
            }
            if isGiven { stream.take(answer) } else { try await release(answer.tokens) }
        }
    }
}

/// Rings a bell once a moment has come. One alarm is set at a time; one that rings too early does no harm.
private struct StreamAlarm {
    let bell: StreamBell
    private var moment: Timestamp?
    private var task: Task<Void, Never>?

    init(bell: StreamBell) { self.bell = bell }

    /// Sets it, unless it rings by then anyway.
    mutating func set(to new: Timestamp?, at now: Timestamp) {
        if let moment, moment > now, new.map({ moment <= $0 }) ?? true { return }
        cancel()
        guard let new else { return }
        moment = new
        let milliseconds = max(1, new.milliseconds - now.milliseconds)
        task = Task { [bell] in
            if (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil { bell.ring() }
        }
    }

    mutating func cancel() {
        task?.cancel()
        (moment, task) = (nil, nil)
    }
}

extension Inbox.Answer {
    /// Its deliveries as they are in flight.
    fileprivate var flights: [StreamWindows.Flight] {
        deliveries.map { StreamWindows.Flight(token: $0.token, message: $0.key, until: $0.leaseUntil) }
            + rungs.map { StreamWindows.Flight(token: $0.token, message: nil, until: $0.leaseUntil) }
    }

    /// About how large it is when it is written.
    fileprivate var octets: Int {
        deliveries.reduce(0) { $0 + $1.envelope.count + $1.receipt.token.count + 512 }
            + rungs.reduce(0) { $0 + $1.receipt.token.count + 256 }
    }
}

extension Refusal {
    fileprivate static let tooManyStreams = Refusal(
        .quota, at: .receive,
        LocalizedText(
            "Your agency has as many streams open as it may have. Close some, or use the long poll.",
            "Instansi Anda sudah membuka aliran sebanyak yang diizinkan. Tutup sebagian, atau gunakan long poll."),
        diagnosis: "streams", retryAfter: 5)
}
