internal import SimpulCore

/// What one agency may send, where that is not what everybody may: the roster says it, `Limits` says the rest.
public struct AgencyQuota: Hashable, Sendable {
    /// Submissions in a second, over time.
    public var messagesPerSecond: Int?
    /// Octets of submissions in a second, over time.
    public var bytesPerSecond: Int?
    /// Deliveries of its messages that nobody has settled.
    public var queued: Int?

    /// A quota; nil is what everybody has.
    public init(messagesPerSecond: Int? = nil, bytesPerSecond: Int? = nil, queued: Int? = nil) {
        self.messagesPerSecond = messagesPerSecond
        self.bytesPerSecond = bytesPerSecond
        self.queued = queued
    }

    /// The bounds with this quota in their place.
    func applied(to limits: Limits) -> (messages: Int, bytes: Int, queued: Int) {
        (
            messagesPerSecond ?? limits.submissionsPerSecond, bytesPerSecond ?? limits.submittedBytesPerSecond,
            queued ?? limits.queuedDeliveries
        )
    }
}
