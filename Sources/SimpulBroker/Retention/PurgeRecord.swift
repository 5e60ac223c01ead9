internal import JOSE
public import SimpulCore
internal import StrictJSON

/// Why an envelope was purged.
public enum PurgeCause: String, Sendable, CaseIterable {
    /// Everybody who was to have it has opened it, or gets it no more, and the time after that is over.
    case opened
    /// Its message's time is over.
    case expired
}

/// What the log keeps of a purge. It names the message by the number of its leaf, and holds no value of it; what the
/// store keeps of the header it names by its digest, so that an audit finds every edit of that.
public struct PurgeRecord: Hashable, Sendable {
    /// The leaf of the message's receipt `accepted`.
    public var message: UInt64
    /// Why.
    public var cause: PurgeCause
    /// The digest of what is kept in place of the envelope (``KeptDocument``), also where that is nothing.
    public var kept: Digest
    /// When.
    public var at: Timestamp

    /// A record.
    public init(message: UInt64, cause: PurgeCause, kept: [UInt8], at: Timestamp) {
        self.message = message
        self.cause = cause
        self.kept = Digest(SHA256.hash(kept))
        self.at = at
    }

    /// Whether these are the octets that were kept.
    public func names(_ octets: [UInt8]) -> Bool { Digest(SHA256.hash(octets)) == kept }

    /// The record as the log keeps it.
    public var logged: LogRecord {
        let json: JSON = [
            "v": 1, "subject": "purge", "message": .integer(Int(message)), "cause": .string(cause.rawValue),
            "kept": .string(kept.description), "at": .string(at.description),
        ]
        return LogRecord(subject: .purge, at: at, octets: json.bytes)
    }

    /// Reads a record of the log; nil for anything that ``logged`` would not write.
    public init?(_ record: LogRecord) {
        guard record.subject == .purge, let root = try? JSONDocument(record.octets).root,
            let message = root["message"]?.int.flatMap({ UInt64(exactly: $0) }),
            let cause = root["cause"]?.string.flatMap(PurgeCause.init),
            let kept = root["kept"]?.string.flatMap({ Digest($0) }),
            let at = root["at"]?.string.flatMap(Timestamp.init)
        else { return nil }
        (self.message, self.cause, self.kept, self.at) = (message, cause, kept, at)
        guard logged == record else { return nil }
    }
}
