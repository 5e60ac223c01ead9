public import SimpulCore

/// The bounds of posting.
public struct PushBounds: Sendable {
    /// From looking up the name to the end of the answer.
    public var attempt: Duration
    /// From the beginning of one connection to the end of its handshake.
    public var connect: Duration
    /// Looking up the name.
    public var lookup: Duration
    /// Names looked up at one time; each costs a thread.
    public var lookups: Int
    /// Octets of one answer, head included.
    public var answerBytes: Int
    /// Connections that are kept for one endpoint.
    public var idleConnections: Int
    /// How long one is kept.
    public var idle: Duration

    /// The broker's bounds.
    public init(_ limits: Limits) {
        attempt = .seconds(limits.pushSeconds)
        connect = .seconds(limits.pushConnectSeconds)
        lookup = .seconds(limits.pushLookupSeconds)
        lookups = limits.pushLookups
        answerBytes = limits.pushAnswerBytes
        idleConnections = limits.pushIdleConnections
        idle = .seconds(limits.pushIdleSeconds)
    }
}
