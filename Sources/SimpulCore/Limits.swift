/// Every bound of the broker and its client, each with what it costs. Libraries take them as parameters; these are the
/// only values.
public struct Limits: Hashable, Sendable {
    /// Octets of one envelope. Costs as many octets for each submission in flight, and the same on disk.
    public var envelopeBytes = 256 * 1024
    /// Octets of the inflated document; checked while inflating. Costs as many octets for each submission in flight,
    /// and up to 16 octets of tape for every value in it.
    public var documentBytes = 1024 * 1024
    /// Lines of one batch. Costs the answer to each in memory, where the client does not read (about 1 KiB a line).
    public var batchLines = 500
    /// Octets of one batch. It is worked on while it is read, so it costs no memory of its own.
    public var batchBytes = 8 * 1024 * 1024
    /// Lines of one batch that are worked on at one time. Costs as many envelopes in memory; fewer make smaller
    /// transactions, so more fsyncs a message.
    public var batchInFlight = 64
    /// How deep a document may nest; each level costs a few machine words while it is read.
    public var documentDepth = 32
    /// Octets of a sealed body's plaintext after padding; more belongs in an attachment. Costs as many octets twice
    /// while sealing or opening.
    public var sealedBytes = 65_536
    /// Certificates that one body is sealed to: 50 recipients and 10 fallbacks, most of them once, some twice while
    /// they renew. Each costs the reading of its part of the envelope, and the check of one curve point.
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
    /// Deliveries that may be in flight on one stream at the most. Costs a few hundred octets each, in memory.
    public var streamWindow = 100
    /// Deliveries that may be in flight on one stream unless the caller says otherwise.
    public var streamWindowDefault = 10
    /// Octets of envelopes that a stream is given at once. It gets more when the kernel has taken these, so a stream
    /// costs at most about three times as many octets while it is written. One envelope is always given.
    public var streamBytes = 512 * 1024
    /// Streams of one agency at one time; one more is answered 429. Each costs what a connection does over HTTP/1.1,
    /// and over HTTP/2 its share of one.
    public var streamsPerAgency = 12_000
    /// Seconds between two signs of life on a stream, at each of which its caller is judged again. Fewer cost more
    /// writes: 10 000 streams write 667 a second.
    public var streamCommentSeconds: Int64 = 15
    /// Seconds of a lease unless the caller says otherwise.
    public var leaseSecondsDefault = 60
    /// Seconds of a lease at the most.
    public var leaseSeconds = 300
    /// Seconds that a delivery may stay with one lease, however often it is extended. An agency that stands still keeps
    /// the delivery from its other consumers that long.
    public var leaseTotalSeconds = 900
    /// Seconds that a delivery may be given back for (`nack`). It is nobody's that long, whatever its urgency.
    public var retryAfterSeconds = 3600
    /// Deliveries, and as many rungs, whose lease or pause is over that one claim lets wait again. Each costs about 15
    /// microseconds of the store's one writer; what is left waits for the next claim.
    public var expiredAtOnce = 256
    /// Seconds of one attempt to push a delivery, from looking up the name to the end of the answer. An endpoint that
    /// hangs holds one delivery of its own agency that long, and its lease twice as long.
    public var pushSeconds = 30
    /// Seconds from the beginning of a connection to an endpoint to the end of its TLS handshake, for each address.
    public var pushConnectSeconds = 10
    /// Seconds that the name of an endpoint may take to be looked up; after that the addresses of the last time serve.
    public var pushLookupSeconds = 3
    /// Names that are looked up at one time. Each costs a thread while the system looks; a name is looked up once at a
    /// time, however many deliveries wait for it.
    public var pushLookups = 8
    /// Octets of one answer of an endpoint, its head and everything before it included. Costs as many octets for each
    /// delivery on its way.
    public var pushAnswerBytes = 64 * 1024
    /// Deliveries on their way to one endpoint before anything is known of it.
    public var pushWindowFirst = 2
    /// Deliveries on their way to one endpoint at the most; only one that takes all it is given gets so many. Each costs
    /// its envelope, twice while TLS encrypts it, and a connection. Each lease is a commit, so fewer bring less a second
    /// to a receiver far away, or beside a flood.
    public var pushWindow = 64
    /// Failures of an endpoint in a row after which nothing is pushed to it for a while.
    public var pushFailures = 5
    /// Seconds of the first such while; each further one is twice as long.
    public var pushBreakerSeconds = 10
    /// Seconds of the longest such while: what an endpoint that is back waits for its first delivery at the most.
    public var pushBreakerMostSeconds = 300
    /// Seconds that a delivery rests after pushing it has failed once; twice as long after each further time.
    public var pushBackoffSeconds = 2
    /// Seconds that a delivery rests at the most.
    public var pushBackoffMostSeconds = 300
    /// Connections to one endpoint that are kept for the next delivery; each costs about 70 KiB. Where fewer are kept
    /// than are used, each delivery beyond them costs both sides a TLS handshake.
    public var pushIdleConnections = 64
    /// Seconds that a connection is kept without use.
    public var pushIdleSeconds = 30
    /// Messages in one page of the outbox at the most; each costs its rows and receipts (about 4 KiB).
    public var outboxPage = 100
    /// Messages in one page of the outbox unless the caller says otherwise.
    public var outboxPageDefault = 50
    /// Deliveries that one call of the outbox looks at; a page that finds fewer messages of its state ends there. Each
    /// costs one or two rows read.
    public var outboxScan = 2000
    /// Octets of receipts in one page of the outbox: no further message is shown once they are reached.
    public var outboxBytes = 4 * 1024 * 1024
    /// Submissions of one agency in a second, over time; more are answered 429. Each costs about a quarter of a
    /// millisecond of one core, so the default only stops what would take the whole machine.
    public var submissionsPerSecond = 20_000
    /// Octets of submissions of one agency in a second, over time; more are answered 429. Most of them end on disk.
    public var submittedBytesPerSecond = 64 * 1024 * 1024
    /// Seconds' worth of the two rates that an agency may use at once after it was silent.
    public var burstSeconds = 10
    /// Deliveries of one sender that nobody has settled yet; a message beyond is answered 429. Each costs its envelope
    /// (about 4 KiB) on disk.
    public var queuedDeliveries = 1_000_000
    /// Seconds from the beginning of a consent to its end. A longer one is asked for again; what the store keeps of it
    /// does not depend on its length.
    public var consentSeconds: Int64 = 365 * 86400
    /// Messages that may stand on one consent; one more needs a new consent. A withdrawal finds and recalls all of them
    /// in one transaction: with as many deliveries each as a consent covers agencies (21), about 10 500 signatures and
    /// leaves, during which nothing else is written.
    public var consentMessages = 500
    /// Agencies that one consent may have been shared with in its life, those of earlier terms included. Each costs its
    /// id in the consent's row.
    public var consentParties = 100
    /// Seconds that those who had a message have to answer for it after its consent was withdrawn (3×24 h, UU 27/2022).
    public var recallAnswerSeconds: Int64 = 3 * 86400
    /// Milliseconds between two looks at the clocks; each is one look into two indexes. A clock fires so much late at
    /// the most, besides the write.
    public var clockTickMilliseconds = 250
    /// Late deliveries of which clocks do what is due in one transaction; each costs up to a dozen signatures and
    /// leaves after a long stop, and otherwise one or two.
    public var clockBatch = 64
    /// Seconds that an envelope is kept after the last of its recipients has opened it; a day by the protocol. Costs the
    /// envelope on disk that long, and one look at every message that is still needed once in that time.
    public var openedBodySeconds: Int64 = 86400
    /// Messages of which one transaction looks whether their envelope is still needed; each that is purged costs a leaf,
    /// and the pages of its envelope written twice.
    public var purgeBatch = 64
    /// Seconds that octets of a purged envelope may stay in the write-ahead log; then it is emptied, which costs the
    /// store's one writer one or two fsyncs. Longer where somebody reads the file all that time.
    public var purgedLogSeconds: Int64 = 60
    /// Refusals of one agency that are signed and logged in a minute; more are answered 429 and only counted. Each
    /// costs about 1.5 KiB of log for ever.
    public var refusalsPerMinute = 60
    /// Writes that wait for the store's writer at the most; one more is answered 503. One agency alone may hold
    /// three eighths of them, and a quarter is kept for those who hold few. Each costs a few hundred octets,
    /// and what `commitQueueBytes` says.
    public var commitQueue = 4096
    /// Octets of envelopes in the writes that wait; one more is answered 503.
    public var commitQueueBytes = 64 * 1024 * 1024
    /// Writes in one transaction at the most. A larger batch makes fewer fsyncs and a longer wait for its first.
    public var commitBatch = 256
    /// Connections at one time; each costs about 70 KiB. One more waits in the kernel's queue.
    public var connections = 16_000
    /// Connections of one agency at one time; one more is refused in its handshake. What is left of `connections` is
    /// the others'.
    public var connectionsPerAgency = 12_000
    /// Seconds from a request's head to the end of its body, besides what `bodyRate` allows.
    public var bodySeconds: Int64 = 30
    /// Octets of a body that buy one second more. A batch of 8 MiB may so take half an hour on the slowest line that is
    /// still of use; it holds one connection that long.
    public var bodyRate: Int64 = 4096
    /// Seconds for the rest of a request that was answered before its end. Closing at once would make the client's
    /// system throw the answer away.
    public var lingerSeconds: Int64 = 2
    /// Seconds until the kernel takes the whole of an answer, or the next piece of one that comes in pieces. A client
    /// that does not read holds its connection and its answer (at most about twice `inboxBytes`) that long; a
    /// large answer to a slower line is cut, and its leases are given back.
    /// Over HTTP/2 each of up to 100 streams may hold an answer.
    public var answerSeconds: Int64 = 60
    /// Octets of one agency's answers that its clients have not read; a further call is answered 429. Costs that many
    /// octets, and what the calls in progress at that moment bring (an answer has at most about twice `inboxBytes`).
    public var unreadAnswerBytes = 64 * 1024 * 1024
    /// Seconds from a connection's beginning to the end of its TLS handshake. A silent or slow client holds one
    /// connection that long; a handshake takes four crossings of the line at most.
    public var handshakeSeconds: Int64 = 10
    /// Octets of all header fields of one request, and of its request line.
    public var headBytes = 32 * 1024
    /// Header fields of one request.
    public var headFields = 100
    /// Seconds from the word that an HTTP/2 connection shall end to its end.
    public var goodbyeSeconds: Int64 = 5
    /// Connections that the kernel holds until they are accepted.
    public var backlog = 1024
    /// Octets of the items in one chunk of a courier bundle, inflated. A reader and a writer hold one chunk, about ten
    /// times as many octets with all its forms. Each chunk costs one signature and one agreement of keys.
    public var bundleChunkBytes = 1024 * 1024
    /// Octets of one line of a bundle: a chunk that does not compress, in base64url twice, and its frame.
    public var bundleLineBytes = 2 * 1024 * 1024
    /// Items of one bundle. An export stops there and says so; what is left goes with the next. The digests that are
    /// remembered for the way back cost about 100 octets each.
    public var bundleItems = 50_000
    /// Lines of one bundle; with `bundleLineBytes` it bounds what a stick can make a reader read (about 40 GB).
    public var bundleChunks = 20_000
    /// Octets of one bundle that is written: the largest file that a stick with FAT takes. An export stops there and says
    /// so. One attachment of the greatest length fits, with what frames it.
    public var bundleBytes = 4 * 1024 * 1024 * 1024 - 1
    /// Octets of an attachment in one item of a bundle: in base64url it fits into a chunk. Costs what a chunk costs.
    public var bundlePartBytes = 720 * 1024
    /// Seconds that a bundle may be under way; as long as a message may live. An older one is refused: nobody can say
    /// any more whether its signer may still speak.
    public var bundleAgeSeconds: Int64 = 30 * 86400
    /// Seconds that a bundle may be made ahead of the reader's clock: a machine without a line sets its clock by hand.
    public var bundleAheadSeconds: Int64 = 86400
    /// Deliveries or rungs that one page of an export reads; costs as many envelopes in memory.
    public var bundlePage = 64
    /// Items for the way back that a client keeps: confirmations and its own receipts. Each costs about 1 KiB on disk.
    public var bundleReturns = 20_000
    /// Connections to the status socket at one time.
    public var statusConnections = 64
    /// Seconds that a stop waits for open calls before it cuts them.
    public var shutdownSeconds = 3

    /// Octets of one attachment's ciphertext. Costs as many octets on disk, and no memory.
    public var attachmentBytes = 2 * 1024 * 1024 * 1024
    /// Octets of an attachment that are read or written at once. Costs about twice as many for each transfer.
    public var attachmentChunkBytes = 256 * 1024
    /// Octets of one agency's attachments, whole ones and those that have begun to come; one beyond is answered 429.
    /// Costs as many octets on disk.
    public var attachmentBytesPerAgency = 64 * 1024 * 1024 * 1024
    /// Octets of the disk that attachments leave free: an upload that would take them is answered 503, while messages are
    /// still written.
    public var attachmentReserveBytes = 256 * 1024 * 1024
    /// Attachments of one agency that no message lists: those whose upload is not complete, and those whose message has
    /// not come yet; one beyond is answered 429. Each costs a row, a file, and about 1 KiB of memory while it comes.
    public var unlistedAttachments = 256
    /// Uploads and downloads of one agency at one time; one beyond is answered 429. Each costs a connection and what
    /// `attachmentChunkBytes` says.
    public var attachmentTransfers = 32
    /// Seconds that an attachment which no message lists is kept after its upload began, went on or was completed. It
    /// costs its octets on disk that long.
    public var unlistedAttachmentSeconds: Int64 = 24 * 3600
    /// Seconds between two rounds that remove attachments which nothing refers to. What is erased is on disk up to that
    /// long after its last message.
    public var attachmentRoundSeconds: Int64 = 60
    /// Attachments that one round's transaction removes at the most; further ones follow in the next transaction.
    public var attachmentRound = 100

    /// The default of every bound.
    public init() {}
}
