public import JOSE
public import SimpulCore
internal import StrictJSON

/// Writes a courier bundle line by line; holds one chunk at the most.
public struct BundleWriter: Sendable {
    private let head: BundleHead
    private let identity: SigningIdentity
    private let certificates: [Certificate]
    private let limits: Limits
    private var pending: [JSON] = []
    private var octets = 0
    private var index = 0
    private var previous: Digest?
    /// The items that were added.
    public private(set) var items = 0

    /// Octets of a chunk's document around its items, generously.
    private static let frame = 1024

    /// A bundle that nothing was written of yet.
    /// - Parameter certificates: what it is sealed to; at least one.
    public init(head: BundleHead, identity: SigningIdentity, sealedTo certificates: [Certificate], limits: Limits) {
        (self.head, self.identity, self.certificates, self.limits) = (head, identity, certificates, limits)
    }

    /// Octets of the lines that were made, each with its LF.
    private var written = 0

    /// Whether a bundle takes no more items. Two lines may be still to come: the one of what was added, and the last one.
    public var isFull: Bool { !hasRoom(items: 1, lines: 0, octets: 0) }

    /// Whether a bundle takes those attachments, and a message more.
    public func hasRoom(for attachments: [ListedAttachment]) -> Bool {
        let parts = attachments.reduce(0) { $0 + ($1.bytes - 1) / limits.bundlePartBytes + 1 }
        // What a part's own base64url adds, the compression takes away again, but for less than one in a hundred.
        return hasRoom(items: parts + 1, lines: parts, sealing: attachments.reduce(0) { $0 + $1.bytes } / 100 * 101)
    }

    /// Whether a bundle takes so many items, of so many octets in all, however badly they compress.
    public func hasRoom(items more: Int, octets: Int) -> Bool {
        // Of two lines in a row the items have more octets than one line takes.
        hasRoom(items: more, lines: 2 * octets / max(1, limits.bundleChunkBytes - Self.frame), sealing: octets)
    }

    /// Base64url twice makes 16 octets of 9; the rest is for the frame of each line.
    private func hasRoom(items more: Int, lines: Int, sealing octets: Int) -> Bool {
        hasRoom(items: more, lines: lines, octets: octets / 9 * 16 + lines * 16 * 1024)
    }

    private func hasRoom(items more: Int, lines: Int, octets: Int) -> Bool {
        items + more <= limits.bundleItems && index + lines + 2 <= limits.bundleChunks
            && written + octets + 2 * limits.bundleLineBytes <= limits.bundleBytes
    }

    /// Adds an item. The caller asks ``isFull`` before.
    /// - Returns: a line, where a chunk is whole; without a line end.
    /// - Throws: `internal-error` where sealing or signing fails, `too-large` where the item is larger than a chunk.
    public mutating func add(_ item: BundleItem) throws(Refusal) -> [UInt8]? {
        let item = item.json.bytes
        guard item.count + Self.frame <= limits.bundleChunkBytes else { throw .bundleTooLarge }
        var line: [UInt8]?
        if octets + item.count + 1 + Self.frame > limits.bundleChunkBytes { line = try flush(isLast: false) }
        pending.append(.verbatim(item))
        octets += item.count + 1
        items += 1
        return line
    }

    /// The last line; without a line end. Nothing may be added after it.
    public mutating func finish() throws(Refusal) -> [UInt8] { try flush(isLast: true) }

    private mutating func flush(isLast: Bool) throws(Refusal) -> [UInt8] {
        let document: JSON = [
            "bundle": .string(head.id.description), "index": .integer(index), "from": .string(head.from.description),
            "for": .string(head.recipient.description), "items": .array(pending),
        ]
        let line: [UInt8]
        do {
            let sealed = try JWE.seal(
                Deflate.deflate(document.bytes),
                to: certificates.map { (key: $0.publicKey, kid: $0.thumbprint.base64url) })
            var payload = head.members + [.init("index", .integer(index)), .init("last", .bool(isLast))]
            if let previous { payload.append(.init("previous", .string(previous.description))) }
            line = try identity.bundleLine(JSON.object(payload + [.init("sealed", sealed)]).bytes)
        } catch {
            throw Refusal(
                .internalError, at: .deliver, ErrorCode.internalError.title, diagnosis: "sealing a bundle: \(error)")
        }
        previous = SignedEnvelope.digest(ofUnparsed: line)
        written += line.count + 1
        (pending, octets, index) = ([], 0, index + 1)
        return line
    }
}
