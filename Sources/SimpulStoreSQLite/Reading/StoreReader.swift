public import SimpulBroker
public import SimpulCore

/// A store's file, only read: beside the broker that writes it, by a tool that asks what was accepted.
public struct StoreReader: MessageHistory {
    private let readers: ReaderPool
    private let limits: Limits

    /// Opens a file, which is read by the bounds of its broker.
    /// - Throws: where it cannot be opened, or is not of this program's version.
    public init(path: String, limits: Limits) throws(StoreError) {
        let connection = try Connection(path: path, mode: .read)
        let version = try Schema.version(of: connection)
        guard version == Schema.migrations.count else {
            throw StoreError(.unavailable, "\(path) has schema version \(version): start the broker once to migrate it")
        }
        readers = ReaderPool(path: path, limits: limits, vfs: nil)
        self.limits = limits
    }

    /// The acceptance of the message under that key, if there is one.
    public func acceptance(of key: MessageKey) async throws(StoreError) -> StoredAcceptance? {
        try readers.read { reader throws(StoreError) in try reader.acceptance(of: key) }
    }

    /// What is known of the messages that a header refers to.
    public func relations(of header: Header) async throws(StoreError) -> Relations {
        try readers.read { reader throws(StoreError) in try reader.relations(of: header) }
    }

    /// The grants under a reference that an agency may use.
    public func grants(
        under reference: ConsentReference, status: Header.Status, for agency: AgencyID
    ) async throws(StoreError) -> KnownGrants {
        try readers.read { reader throws(StoreError) in
            try reader.grants(under: reference, status, for: agency, countingTo: limits.consentMessages)
        }
    }

    /// Which of the attachments that a header lists its sender has not uploaded.
    public func missingAttachments(of header: Header) async throws(StoreError) -> [Int] {
        try readers.read { reader throws(StoreError) in try reader.attachments.missing(of: header) }
    }

    /// Hands on the header of each message that was accepted since a moment, in the order of acceptance; nil for one
    /// whose envelope cannot be read. One of them is in memory at a time.
    public func headers(since moment: Timestamp, _ body: (Header?) -> Void) throws(StoreError) {
        try readers.read { reader throws(StoreError) in try reader.headers(since: moment, body) }
    }
}
