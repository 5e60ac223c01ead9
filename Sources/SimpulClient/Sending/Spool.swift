internal import JOSE
public import SimpulCore
internal import SimpulEnvelope

/// The folder of what is on its way. A file is on disk before the first byte of it is sent, and stays until the broker's
/// receipt is there. File names hold the message's id and nothing else:
/// * `<id>.jose`: an envelope that has no receipt yet;
/// * `receipts/<id>.receipt`: the broker's verified receipt;
/// * `sent/<id>.jose`: the envelope, once it has its receipt, for as long as a message may live;
/// * `enclosed/<id>.<digest>`: the encrypted files of an envelope that has no receipt yet;
/// * `<id>.source`: what tells whether a document is the one that the envelope was made of (a digest over both).
public struct Spool: Sendable {
    /// The folder.
    public let folder: String
    private let limits: Limits
    private static let mostFiles = 100_000

    /// A spool; its folder is made where there is none.
    /// - Throws: ``ClientError`` where it cannot be made.
    public init(folder: String, limits: Limits = Limits()) throws(ClientError) {
        self.folder = folder
        self.limits = limits
        do {
            try FileAccess.makeDirectory(folder)
            try FileAccess.makeDirectory(folder + "/sent")
            try FileAccess.makeDirectory(folder + "/receipts")
        } catch {
            throw ClientError(error)
        }
    }

    /// The envelope that was made of that very document before, whether it has its receipt or not; nil where that id is
    /// unused.
    /// - Throws: ``ClientError`` of code `id-conflict` where another document has that id.
    public func earlier(_ id: MessageID, of document: [UInt8]) throws(ClientError) -> SpooledEnvelope? {
        guard let envelope = try envelope(id) else { return nil }
        let source = try file { () throws(FileError) in
            FileAccess.exists(path(id, "source")) ? try FileAccess.read(path(id, "source"), limit: 128) : []
        }
        guard source == Self.source(of: envelope.bytes, document) else {
            throw ClientError(
                .refused, ErrorCode.idConflict.rawValue,
                LocalizedText(
                    "Another document was sent under this id; give this one its own id, or leave the id out.",
                    "Dokumen lain sudah dikirim dengan ID ini; beri ID lain atau hapus ID-nya."))
        }
        return envelope
    }

    /// Keeps an envelope; on disk when this returns. Where another process kept one of the same document first, that one
    /// counts.
    /// - Returns: the envelope that is to be sent.
    public func keep(_ envelope: SpooledEnvelope, of document: [UInt8]) throws(ClientError) -> SpooledEnvelope {
        try FileAccess.withLock(on: folder + "/.lock") { () throws(ClientError) in
            if let earlier = try earlier(envelope.id, of: document) { return earlier }
            try file { () throws(FileError) in
                try FileAccess.writeDurably(Self.source(of: envelope.bytes, document), to: path(envelope.id, "source"))
                try FileAccess.writeDurably(envelope.bytes, to: path(envelope.id, "jose"))
            }
            return envelope
        }
    }

    /// The ids of what still waits for its receipt, oldest first; at most 100 000, the others once these are gone.
    public func waiting() throws(ClientError) -> [MessageID] {
        try file { () throws(FileError) in
            try FileAccess.names(in: folder, suffix: ".jose", limit: Self.mostFiles)
        }.compactMap { MessageID(String($0.dropLast(5))) }.sorted { $0.description < $1.description }
    }

    /// The envelope with that id that still waits for its receipt.
    public func waiting(_ id: MessageID) throws(ClientError) -> SpooledEnvelope? {
        try envelope(id, in: path(id, "jose"))
    }

    /// The digest of the envelope with that id, whether it has its receipt or not; nil where it is no longer kept.
    public func digest(of id: MessageID) throws(ClientError) -> Digest? { try envelope(id)?.digest }

    /// Keeps the verified receipt of an envelope, then moves the envelope to what was sent, unless another process has
    /// done so.
    public func settle(_ id: MessageID, with receipt: Receipt) throws(ClientError) {
        try lockedFile { () throws(FileError) in
            try FileAccess.writeDurably(receipt.token, to: "\(folder)/receipts/\(id).receipt")
            if FileAccess.exists(path(id, "jose")) {
                try FileAccess.rename(path(id, "jose"), to: sentPath(id))
            }
        }
        release(id)
    }

    /// Forgets an envelope that the broker refused: its id is not used up. One that was sent stays known.
    public func discard(_ id: MessageID) throws(ClientError) {
        try lockedFile { () throws(FileError) in
            try FileAccess.remove(path(id, "jose"))
            if !FileAccess.exists(sentPath(id)) { try FileAccess.remove(path(id, "source")) }
        }
        release(id)
    }

    /// Removes sent envelopes that have expired for certain: no message lives longer than half of the time that they
    /// are kept. Receipts stay. What cannot be removed now is left to the next time.
    public func prune(at now: Timestamp) {
        let oldest = now.advanced(bySeconds: -2 * limits.lifetimeSeconds)
        let names = try? FileAccess.names(in: folder + "/sent", suffix: ".jose", limit: Self.mostFiles)
        for id in (names ?? []).compactMap({ MessageID(String($0.dropLast(5))) }) {
            guard let written = try? FileAccess.lastChange(of: sentPath(id)), written < oldest else { continue }
            try? FileAccess.remove(sentPath(id))
            try? FileAccess.remove(path(id, "source"))
        }
        pruneEnclosed(at: now)
    }

    private func envelope(_ id: MessageID) throws(ClientError) -> SpooledEnvelope? {
        if let waiting = try envelope(id, in: path(id, "jose")) { return waiting }
        return try envelope(id, in: sentPath(id))
    }

    private func envelope(_ id: MessageID, in path: String) throws(ClientError) -> SpooledEnvelope? {
        guard FileAccess.exists(path) else { return nil }
        let bytes = try file { () throws(FileError) in try FileAccess.read(path, limit: limits.envelopeBytes) }
        do {
            return SpooledEnvelope(
                id: id, bytes: bytes, digest: try SignedEnvelope(parsing: bytes, limits: limits).digest)
        } catch {
            throw ClientError(
                .unable, "file", LocalizedText("\(path) is no envelope.", "\(path) bukan amplop."))
        }
    }

    private func path(_ id: MessageID, _ kind: String) -> String { "\(folder)/\(id).\(kind)" }
    private func sentPath(_ id: MessageID) -> String { "\(folder)/sent/\(id).jose" }

    private static func source(of envelope: [UInt8], _ document: [UInt8]) -> [UInt8] {
        Array(Digest(SHA256.hash(envelope + document)).description.utf8)
    }

    private func lockedFile(_ body: () throws(FileError) -> Void) throws(ClientError) {
        try FileAccess.withLock(on: folder + "/.lock") { () throws(ClientError) in try file(body) }
    }

    private func file<Value>(_ body: () throws(FileError) -> Value) throws(ClientError) -> Value {
        do {
            return try body()
        } catch {
            throw ClientError(error)
        }
    }
}
