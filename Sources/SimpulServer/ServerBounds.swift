internal import SimpulCore

/// The bounds of one listener's connections: those of `Limits` that are about connections, and two that the listener
/// decides.
struct ServerBounds: Sendable {
    /// All bounds.
    let limits: Limits
    /// Seconds from a connection's beginning, or from its last answer, to the whole head of its next request. A slow
    /// or idle client holds one connection (50 to 100 KiB) that long.
    let idleSeconds: Int64
    /// Octets of a body that `Expect: 100-continue` may invite; what is larger is answered before it is sent.
    let invitedBytes: Int

    init(_ limits: Limits = Limits(), idleSeconds: Int64, invitedBytes: Int) {
        self.limits = limits
        self.idleSeconds = idleSeconds
        self.invitedBytes = invitedBytes
    }
}
