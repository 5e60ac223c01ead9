/// Every bound of the broker and its client, each with what it costs. Libraries take them as parameters; these are the
/// only values.
public struct Limits: Hashable, Sendable {
    /// Octets of one envelope. Costs as many octets for each submission in flight, and the same on disk.
    public var envelopeBytes = 256 * 1024
    /// Octets of the inflated document; checked while inflating. Costs as many octets for each submission in flight,
    /// and up to 16 octets of tape for every value in it.
    public var documentBytes = 1024 * 1024
    /// How deep a document may nest; each level costs a few machine words while it is read.
    public var documentDepth = 32
    /// Octets of a sealed body's plaintext after padding; more belongs in an attachment. Costs as many octets twice
    /// while sealing or opening.
    public var sealedBytes = 65_536
    /// Certificates that one body is sealed to: 50 recipients and 10 fallbacks, most of them once, some twice while
    /// they renew. Each costs up to 0.4 ms while the envelope is checked.
    public var sealRecipients = 100
    /// Octets of a JOSE protected header, before it is parsed.
    public var joseHeaderBytes = 4096
    /// Violations that one answer lists; each costs about 200 octets in the answer.
    public var violations = 100
    /// Seconds that `sent` may lie ahead of the broker's clock.
    public var sentAheadSeconds: Int64 = 300
    /// Seconds that `sent` may lie behind the broker's clock.
    public var sentBehindSeconds: Int64 = 30 * 86400
    /// Seconds between `sent` and `expires` at the most; the store keeps the envelope that long at the most.
    public var lifetimeSeconds: Int64 = 30 * 86400
    /// Seconds that an inbox call may wait; each waiting call holds one connection (about 70 KiB).
    public var waitSeconds = 60
    /// Deliveries in one inbox answer at the most; costs that many envelopes in memory.
    public var inboxBatch = 100
    /// Deliveries in one inbox answer unless the caller says otherwise.
    public var inboxBatchDefault = 10
    /// Octets of envelopes in one inbox answer: no further delivery is leased once they are reached.
    public var inboxBytes = 4 * 1024 * 1024
    /// Seconds of a lease unless the caller says otherwise.
    public var leaseSecondsDefault = 60
    /// Seconds of a lease at the most.
    public var leaseSeconds = 300
    /// Writes that wait for the store's writer at the most; one more is answered 503. Costs their envelopes in memory.
    public var commitQueue = 1024
    /// Writes in one transaction at the most. A larger batch makes fewer fsyncs and a longer wait for its first.
    public var commitBatch = 256
    /// Connections at one time; each costs about 70 KiB. One more waits in the kernel's queue.
    public var connections = 12_000
    /// Seconds that a stop waits for open calls before it cuts them.
    public var shutdownSeconds = 3

    /// The default of every bound.
    public init() {}
}
