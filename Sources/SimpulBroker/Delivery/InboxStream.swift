internal import NIOConcurrencyHelpers
public import SimpulCore

/// One open stream of an agency's inbox: deliveries come as soon as they wait, never more of them unsettled than its
/// window holds. One task serves it: it calls ``next()`` again and again until the end, and then ``leave()``.
public final class InboxStream: Sendable {
    /// What a stream is opened with.
    public struct Request: Sendable, Equatable {
        /// Deliveries that may be in flight at the most.
        public var window: Int
        /// Seconds of each lease.
        public var lease: Int
        /// What it wants.
        public var content: InboxContent

        /// A request; the caller has checked it against the limits.
        public init(window: Int, lease: Int, content: InboxContent = .everything) {
            self.window = window
            self.lease = lease
            self.content = content
        }
    }

    /// What happens on a stream.
    public enum Event: Sendable {
        /// Deliveries were leased for it; they are in flight.
        case deliveries(Inbox.Answer)
        /// ``InboxStream/pulse()`` was called.
        case pulse
        /// It is over, for that reason where it has one.
        case end((any Error)?)
    }

    private struct State {
        /// It has asked for deliveries and has not taken them yet.
        var isAsking = false
        var answer: Inbox.Answer?
        var isPulsed = false
        var isOver = false
        var error: (any Error)?
        var waiter: CheckedContinuation<Void, Never>?

        var isSilent: Bool { answer == nil && !isPulsed && !isOver }
    }

    let id: StreamWindows.StreamID
    let request: Request
    let caller: Caller
    private let streams: AgencyStreams
    private let state = NIOLockedValueBox(State())

    init(_ id: StreamWindows.StreamID, _ request: Request, for caller: Caller, of streams: AgencyStreams) {
        self.id = id
        self.request = request
        self.caller = caller
        self.streams = streams
    }

    /// One that nobody came to serve has leased nothing.
    deinit { _ = streams.remove(id) }

    /// The next event. A call says that what came before is written, so that more may be leased.
    public func next() async -> Event {
        // Once for each answer: a second time could bring another one before this one is taken.
        let isNew = state.withLockedValue { state in
            defer { state.isAsking = true }
            return !state.isAsking && !state.isOver
        }
        if isNew { streams.ask(id) }
        await withCheckedContinuation { waiter in
            let isDue = state.withLockedValue { state in
                if state.isSilent { state.waiter = waiter }
                return !state.isSilent
            }
            if isDue { waiter.resume() }
        }
        return state.withLockedValue { state in
            if state.isOver { return .end(state.error) }
            if let answer = state.answer {
                (state.answer, state.isAsking) = (nil, false)
                return .deliveries(answer)
            }
            state.isPulsed = false
            return .pulse
        }
    }

    /// Has ``next()`` return: it is time for a sign of life.
    public func pulse() { change { $0.isPulsed = true } }

    /// Ends the stream: nobody reads it any more, or the broker stops. The first reason counts.
    public func end(_ error: (any Error)? = nil) {
        change { state in
            if !state.isOver { state.error = error }
            state.isOver = true
        }
    }

    /// Judges its caller again, by the rules of this moment.
    /// - Throws: `agency-inactive`.
    public func judge() throws(Refusal) { try streams.judge(caller) }

    /// Takes the stream out and gives back what is in flight on it.
    public func leave() async throws(StoreError) {
        end()
        let tokens = streams.remove(id)
        guard !tokens.isEmpty else { return }
        try await streams.release(tokens)
    }

    /// Deliveries were leased for it.
    func take(_ answer: Inbox.Answer) { change { $0.answer = answer } }

    private func change(_ body: (inout State) -> Void) {
        state.withLockedValue { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }
}
