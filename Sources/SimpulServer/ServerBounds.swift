/// The bounds of connections and their requests, each with what it costs. Those of messages are in `Limits`.
struct ServerBounds: Sendable {
    /// Seconds from a connection's beginning, or from its last answer, to the whole head of its next request. A slow
    /// or idle client holds one connection (about 70 KiB) that long. The TLS handshake counts into the first.
    var idleSeconds: Int64 = 90
    /// Seconds from a request's head to the end of its body.
    var bodySeconds: Int64 = 30
    /// Seconds for the rest of a request that was answered before its end. Closing at once would make the client's
    /// system throw the answer away.
    var lingerSeconds: Int64 = 2
    /// Octets of all header fields of one request, and of its request line.
    var headBytes = 32 * 1024
    /// Header fields of one request.
    var headFields = 100
    /// Octets of a body that `Expect: 100-continue` may invite; what is larger is answered before it is sent.
    var invitedBytes: Int
    /// Connections that the kernel holds until they are accepted.
    var backlog = 1024
    /// Connections to the status socket at one time.
    var statusConnections = 64
}
