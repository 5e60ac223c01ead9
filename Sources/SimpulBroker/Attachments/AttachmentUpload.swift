internal import JOSE
internal import SimpulCore

/// An upload under way. What has come stays when it is cut off, and the next one goes on there.
public final class AttachmentUpload: Sendable {
    private let attachment: StoredAttachment
    private let part: UploadPart
    private let writer: AttachmentWriter
    private let rows: any AttachmentRows
    private let files: any AttachmentFiles
    private let transfers: AttachmentTransfers
    private let slot: AttachmentTransfers.Slot?
    private let now: @Sendable () -> Timestamp

    init(
        attachment: StoredAttachment, part: UploadPart, writer: AttachmentWriter, rows: any AttachmentRows,
        files: any AttachmentFiles, transfers: AttachmentTransfers, slot: AttachmentTransfers.Slot?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.attachment = attachment
        self.part = part
        self.writer = writer
        self.rows = rows
        self.files = files
        self.transfers = transfers
        self.slot = slot
        self.now = now
    }

    deinit { transfers.uploadEnded(attachment.name) }

    /// Octets that are to come.
    public var count: Int { part.count }

    /// Takes octets that come next.
    /// - Throws: ``OffsetMismatch`` where another upload has taken over; ``StoreError``.
    public func append(_ octets: [UInt8]) async throws {
        guard try await files.append(octets, to: writer) else { throw await superseded }
    }

    /// How an upload's part ended.
    public enum End: Sendable, Equatable {
        /// All of it is on disk.
        case whole
        /// So many octets are there; the rest is to come.
        case partial(Int)
    }

    /// Ends the part, whose octets have all come: where that is the end of the whole, the digest decides.
    /// - Throws: `digest-mismatch`, and nothing is kept; ``OffsetMismatch``; ``StoreError``.
    public func finish() async throws -> End {
        let length = part.first + part.count
        guard length == part.total else { return .partial(length) }
        guard let sealed = try await files.seal(writer) else { throw await superseded }
        guard sealed.length == part.total, Digest(octets: sealed.digest.bytes) == attachment.key.digest else {
            if try await rows.drop(attachment) { try await files.remove([attachment.name]) }
            throw Refusal.digestMismatch
        }
        guard try await rows.complete(attachment, at: now()) else { throw await superseded }
        return .whole
    }

    private var superseded: OffsetMismatch {
        get async { OffsetMismatch(length: (try? await files.length(of: attachment.name)) ?? 0) }
    }
}

extension Refusal {
    fileprivate static let digestMismatch = Refusal(
        .digestMismatch, at: .receive,
        LocalizedText(
            "What came has another digest than the path says; nothing of it is kept. Check the file, then upload it anew.",
            "Sidik digital data yang datang tidak sama dengan jalur; tidak ada yang disimpan. Periksa berkas, lalu unggah lagi."
        ))
}
