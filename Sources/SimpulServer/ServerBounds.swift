/// The bounds of connections and their requests, each with what it costs. Those of messages are in `Limits`.
struct ServerBounds: Sendable {
    /// Seconds from a connection's beginning, or from its last answer, to the whole head of its next request. A slow
    /// or idle client holds one connection (about 70 KiB) that long.
    var idleSeconds: Int64 = 90
    /// Seconds from a request's head to the end of its body, besides what `bodyRate` allows.
    var bodySeconds: Int64 = 30
    /// Octets of a body that buy one second more. A batch of 8 MiB may so take half an hour on the slowest line that is
    /// still of use; it holds one connection that long.
    var bodyRate: Int64 = 4096
    /// Seconds for the rest of a request that was answered before its end. Closing at once would make the client's
    /// system throw the answer away.
    var lingerSeconds: Int64 = 2
    /// Seconds until the kernel takes the whole of an answer, or the next piece of one that comes in pieces. A client
    /// that does not read holds its connection and its answer (at most about twice `Limits.inboxBytes`) that long; a
    /// large answer to a slower line is cut, and its leases are given back.
    var answerSeconds: Int64 = 60
    /// Seconds from a connection's beginning to the end of its TLS handshake. A silent or slow client holds one
    /// connection that long; a handshake takes four crossings of the line at most.
    var handshakeSeconds: Int64 = 10
    /// Octets of all header fields of one request, and of its request line.
    var headBytes = 32 * 1024
    /// Header fields of one request.
    var headFields = 100
    /// Seconds from the word that an HTTP/2 connection shall end to its end.
    var goodbyeSeconds: Int64 = 5
    /// Octets of a body that `Expect: 100-continue` may invite; what is larger is answered before it is sent.
    var invitedBytes: Int
    /// Connections that the kernel holds until they are accepted.
    var backlog = 1024
    /// Connections to the status socket at one time.
    var statusConnections = 64
}
