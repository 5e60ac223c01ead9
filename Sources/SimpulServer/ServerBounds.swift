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
    /// The same of an attachment, which is never in memory.
    let invitedAttachmentBytes: Int

    init(_ limits: Limits = Limits(), idleSeconds: Int64, invitedBytes: Int, invitedAttachmentBytes: Int = 0) {
        self.limits = limits
        self.idleSeconds = idleSeconds
        self.invitedBytes = invitedBytes
        self.invitedAttachmentBytes = invitedAttachmentBytes
    }

    /// Whether a body of that length may be invited.
    func invites(_ length: Int, method: String, path: String) -> Bool {
        if length <= invitedBytes { return true }
        return method == "PUT" && path.hasPrefix(AttachmentPath.prefix) && length <= invitedAttachmentBytes
    }

    /// Whether an answer of that length is held to its time piece by piece: one whose length nobody knows, and one that
    /// is longer than a piece of an attachment. What is made in memory is one piece either way.
    func isStreamed(_ length: Int?) -> Bool { length.map { $0 > limits.attachmentChunkBytes } ?? true }
}
