public import SimpulBroker
public import SimpulCore

extension SQLiteStore {
    /// Which of the attachments that a header lists its sender has not uploaded.
    public func missingAttachments(of header: Header) async throws(StoreError) -> [Int] {
        try readers.read { reader throws(StoreError) in try reader.attachments.missing(of: header) }
    }

    /// Begins an upload, or goes on with it.
    public func begin(
        _ key: AttachmentKey, _ part: UploadPart, name: AttachmentName, at now: Timestamp,
        within bounds: AttachmentBounds
    ) async throws(StoreError) -> UploadStart {
        try await queue.submit(for: .sending(key.agency)) { writer in
            try writer.attachments.begin(key, part, name: name, at: now, within: bounds)
        }
    }

    /// Says that an upload is whole.
    public func complete(_ attachment: StoredAttachment, at now: Timestamp) async throws(StoreError) -> Bool {
        try await queue.submit(for: .sending(attachment.key.agency)) { writer in
            try writer.attachments.complete(attachment, at: now)
        }
    }

    /// Forgets an upload that is not whole.
    public func drop(_ attachment: StoredAttachment) async throws(StoreError) -> Bool {
        try await queue.submit(for: .sending(attachment.key.agency)) { writer in
            try writer.attachments.drop(attachment)
        }
    }

    /// What an agency itself has uploaded, whole or not.
    public func attachment(_ key: AttachmentKey) async throws(StoreError) -> StoredAttachment? {
        try readers.read { reader throws(StoreError) in try reader.attachments.find(key) }
    }

    /// A whole attachment that an agency may read.
    public func attachment(
        _ digest: Digest, readableBy agency: AgencyID, at now: Timestamp
    ) async throws(StoreError) -> StoredAttachment? {
        try readers.read { reader throws(StoreError) in
            try reader.attachments.find(digest, readableBy: agency, at: now)
        }
    }

    /// Lets go of what nothing refers to. Where a read finds nothing, nothing is written.
    public func collect(
        at now: Timestamp, unlistedSince moment: Timestamp, sparing names: Set<AttachmentName>, atMost count: Int
    ) async throws(StoreError) -> [AttachmentName] {
        let isDue = try readers.read { reader throws(StoreError) in
            try reader.attachments.mayCollect(at: now, unlistedSince: moment)
        }
        guard isDue else { return [] }
        return try await queue.submit(for: .broker) { writer in
            try writer.attachments.collect(at: now, unlistedSince: moment, sparing: names, atMost: count)
        }
    }

    /// Those of some names that an attachment or an upload has.
    public func known(_ names: [AttachmentName]) async throws(StoreError) -> Set<AttachmentName> {
        try readers.read { reader throws(StoreError) in try reader.attachments.known(names) }
    }
}
