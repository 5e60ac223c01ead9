public import SimpulCore

/// What the client asks of a broker to send and to receive; the network and a test's stand-in implement it.
public protocol Hub: Sendable {
    /// Submits an envelope (`POST /v1/messages`), in at most that many seconds.
    /// - Throws: ``HubError/unreachable(_:)`` or ``HubError/unusable(_:)``; a refusal is an outcome.
    func submit(_ envelope: [UInt8], seconds: Int) async throws(HubError) -> SubmitOutcome

    /// Leases what waits for us (`GET /v1/inbox`); empty when nothing came in time.
    func lease(_ request: InboxRequest) async throws(HubError) -> InboxAnswer

    /// Takes what comes on a stream (`GET /v1/inbox/stream`), one delivery after another, until it ends. The request's
    /// `max` is how many may be unsettled at a time; its `wait` says nothing.
    /// - Throws: ``HubError``, or what `take` throws.
    func stream(_ request: InboxRequest, _ take: (InboxAnswer) async throws -> Void) async throws

    /// Gives a delivery back for that many seconds (`POST /v1/deliveries/{token}/nack`).
    func giveBack(_ token: String, seconds: Int) async throws(HubError)

    /// Settles a delivery (`POST /v1/deliveries/{token}/ack`): as our system, or by a receipt of ours.
    func acknowledge(_ token: String, receipt: Receipt?) async throws(HubError)

    /// The agencies and their certificates (`GET /v1/directory`).
    func directory() async throws(HubError) -> DirectoryListing
}

extension Hub {
    /// The deliveries of ``lease(_:)`` that can be read.
    public func inbox(_ request: InboxRequest) async throws(HubError) -> [Delivery] {
        try await lease(request).deliveries
    }
}

/// What a broker answers to an envelope.
public enum SubmitOutcome: Sendable, Equatable {
    /// It has the message, on disk: its receipt, not verified yet, and whether it had the same message before.
    case receipt(Receipt, repeated: Bool)
    /// It does not take the message, now or ever.
    case problem(ProblemDocument)
}

/// Why a call to the broker did not end as it should. No case holds a value of a message.
public enum HubError: Error, Sendable, Equatable {
    /// No answer of the broker: no connection, no handshake, not in time, or a 5xx in others' words.
    case unreachable(String)
    /// The broker refused.
    case problem(ProblemDocument)
    /// An answer that is not what the protocol says.
    case unusable(String)

    /// Whether the same call may go well later.
    public var isTemporary: Bool {
        switch self {
        case .unreachable: true
        case .problem(let problem): problem.isTemporary
        case .unusable: false
        }
    }
}

/// What to ask of the inbox.
public struct InboxRequest: Sendable, Equatable {
    /// Seconds to wait where nothing is there: 0 to 60.
    public var wait: Int
    /// The most deliveries: 1 to 100.
    public var max: Int
    /// Seconds until deliveries that were not settled are given out again.
    public var lease: Int
    /// Only this type.
    public var type: MessageType?

    /// A request; the broker refuses numbers out of bounds.
    public init(wait: Int = 0, max: Int = 10, lease: Int = 60, type: MessageType? = nil) {
        self.wait = wait
        self.max = max
        self.lease = lease
        self.type = type
    }
}
