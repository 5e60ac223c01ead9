internal import JOSE
public import SimpulCore

/// What agencies call for their attachments: an upload that can go on where it was cut, a look at how much is there, a
/// download of any part. No octets are held but those of one piece; the digest alone decides what an upload is.
public struct Attachments: Sendable {
    private let rows: any AttachmentRows
    private let files: any AttachmentFiles
    private let transfers: AttachmentTransfers
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    /// The attachments of one broker.
    public init(
        rows: any AttachmentRows, files: any AttachmentFiles, limits: Limits, now: @escaping @Sendable () -> Timestamp
    ) {
        self.rows = rows
        self.files = files
        self.limits = limits
        self.now = now
        transfers = AttachmentTransfers(atMost: limits.attachmentTransfers)
    }

    /// What an agency may know of a digest.
    public struct Known: Sendable, Equatable {
        /// Octets of the whole, where it may read it.
        public var readable: Int?
        /// What it has uploaded itself.
        public var upload: Upload?
    }

    /// How much of an upload is there.
    public struct Upload: Sendable, Equatable {
        /// Octets that are there.
        public var length: Int
        /// Whether that is all, and has its digest.
        public var isWhole: Bool

        /// A length.
        public init(length: Int, isWhole: Bool) {
            self.length = length
            self.isWhole = isWhole
        }
    }

    /// What the caller may know of a digest.
    /// - Throws: `not-found` where that is nothing: also where others have it.
    public func look(at digest: Digest, for caller: Caller) async throws -> Known {
        let readable = try await rows.attachment(digest, readableBy: caller.agency.id, at: now())
        var known = Known(readable: readable?.bytes, upload: nil)
        if let own = try await rows.attachment(AttachmentKey(agency: caller.agency.id, digest: digest)) {
            let length = own.isWhole ? own.bytes : try await files.length(of: own.name)
            known.upload = Upload(length: length, isWhole: own.isWhole)
        }
        guard known.readable != nil || known.upload != nil else { throw Refusal.notFound }
        return known
    }

    /// A download, which counts as a transfer until nobody refers to it.
    /// - Throws: `not-found` or `quota`.
    public func open(_ digest: Digest, for caller: Caller) async throws -> AttachmentReading {
        guard let attachment = try await rows.attachment(digest, readableBy: caller.agency.id, at: now()) else {
            throw Refusal.notFound
        }
        let slot = try transfers.begin(caller.agency.id)
        return AttachmentReading(
            bytes: attachment.bytes, name: attachment.name, files: files, slot: slot,
            chunk: limits.attachmentChunkBytes)
    }

    /// What an agency may read, for a bundle: it counts as no transfer of the agency's.
    /// - Returns: nil where there is no such attachment, or no longer.
    func carried(_ digest: Digest, to agency: AgencyID) async throws(StoreError) -> AttachmentReading? {
        guard let attachment = try await rows.attachment(digest, readableBy: agency, at: now()) else { return nil }
        return AttachmentReading(
            bytes: attachment.bytes, name: attachment.name, files: files, slot: nil, chunk: limits.bundlePartBytes)
    }

    /// Begins an upload, or goes on with one; one of the same digest that is under way ends by it, unless it was whole
    /// before.
    /// - Returns: nil where the caller has uploaded all of it before.
    /// - Throws: `too-large`, `quota`, `parameter-refused`; or ``OffsetMismatch``.
    public func upload(
        _ digest: Digest, _ part: UploadPart, for caller: Caller, by way: SubmissionWay = .wire
    ) async throws -> AttachmentUpload? {
        guard part.total <= limits.attachmentBytes else { throw Refusal.attachmentTooLarge }
        let slot = way == .wire ? try transfers.begin(caller.agency.id) : nil
        let key = AttachmentKey(agency: caller.agency.id, digest: digest)
        let bounds = AttachmentBounds(bytes: limits.attachmentBytesPerAgency, unlisted: limits.unlistedAttachments)
        let start = try await rows.begin(key, part, name: .random(), at: now(), within: bounds)
        let attachment: StoredAttachment
        switch start {
        case .open(let open, let instead):
            attachment = open
            // One that cannot be removed now is found by the next start's sweep.
            if let instead { try? await files.remove([instead]) }
        case .present: return nil
        case .absent: throw OffsetMismatch(length: 0)
        case .otherLength: throw Refusal.otherLength
        case .tooMany: throw Refusal.tooManyAttachments
        case .tooMuch: throw Refusal.tooManyOctets
        }
        transfers.uploadBegan(attachment.name)
        do {
            let writer = try await files.open(
                attachment.name, at: part.first, expecting: part.total - part.first)
            guard let writer else { throw OffsetMismatch(length: try await files.length(of: attachment.name)) }
            return AttachmentUpload(
                attachment: attachment, part: part, writer: writer, rows: rows, files: files, transfers: transfers,
                slot: slot, now: now)
        } catch {
            transfers.uploadEnded(attachment.name)
            throw error
        }
    }

    /// Removes what nothing refers to: rows first, then their files, so that a file that is named is there.
    /// - Returns: how many were removed.
    @discardableResult
    public func collect() async throws(StoreError) -> Int {
        var removed = 0
        while true {
            let moment = now()
            let names = try await rows.collect(
                at: moment, unlistedSince: moment.advanced(bySeconds: -limits.unlistedAttachmentSeconds),
                sparing: transfers.names, atMost: limits.attachmentRound)
            guard !names.isEmpty else { return removed }
            try await files.remove(names)
            removed += names.count
        }
    }

    /// Removes files that nobody names any more: an end between row and file has left them behind. A name is in the
    /// store before its file is made, so none that is needed is removed.
    public func sweep() async throws {
        try await files.each(atMost: limits.attachmentRound) { names in
            let known = try await rows.known(names)
            try await files.remove(names.filter { !known.contains($0) })
        }
    }
}

/// The octets that come do not belong where what is there ends.
public struct OffsetMismatch: Error, Equatable, Sendable {
    /// Octets that are there: where the upload goes on.
    public var length: Int

    /// A mismatch.
    public init(length: Int) { self.length = length }

    /// The same as a refusal.
    public var refusal: Refusal {
        Refusal(
            .offsetMismatch, at: .receive,
            LocalizedText(
                "The upload goes on where Upload-Offset says, or at 0; or another upload of the same digest goes on by now.",
                "Lanjutkan unggahan dari Upload-Offset, atau dari 0; atau unggahan lain untuk sidik digital yang sama sedang berjalan."
            ))
    }
}

/// A download under way.
public struct AttachmentReading: Sendable {
    /// Octets of the whole.
    public let bytes: Int
    let name: AttachmentName
    let files: any AttachmentFiles
    /// Kept for as long as the download lasts; a bundle has none.
    let slot: AttachmentTransfers.Slot?
    let chunk: Int

    /// The next octets from an offset on, before an end; at most `Limits.attachmentChunkBytes`, for a bundle
    /// `Limits.bundlePartBytes`.
    /// - Throws: ``StoreError`` where it was removed meanwhile, or cannot be read.
    public func read(from offset: Int, to end: Int) async throws(StoreError) -> [UInt8] {
        let count = min(chunk, end - offset)
        let octets = try await files.read(name, from: offset, atMost: count)
        guard octets.count == count else { throw StoreError(.corrupt, "the file of an attachment is too short") }
        return octets
    }

    /// The next octets to the end of the whole; nil where it was removed meanwhile.
    func readIfThere(from offset: Int) async throws(StoreError) -> [UInt8]? {
        do {
            return try await read(from: offset, to: bytes)
        } catch {
            guard error.code == .corrupt else { throw error }
            return nil
        }
    }
}

extension Refusal {
    fileprivate static let attachmentTooLarge = Refusal(
        .tooLarge, at: .receive,
        LocalizedText(
            "The attachment is larger than this broker takes. Send it in several files.",
            "Lampiran lebih besar daripada yang diterima simpul ini. Kirim dalam beberapa berkas."))

    fileprivate static let otherLength = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText(
            "What is there of this upload belongs to a whole of another length. Begin it anew, without Content-Range.",
            "Bagian unggahan yang ada berasal dari berkas dengan panjang lain. Mulai lagi tanpa Content-Range."))

    static let tooManyTransfers = Refusal(
        .quota, at: .receive,
        LocalizedText(
            "Your agency has as many uploads and downloads under way as it may have. Wait until one has ended.",
            "Instansi Anda sudah mencapai batas unggahan dan unduhan bersamaan. Tunggu sampai salah satunya selesai."),
        diagnosis: "transfers of attachments", retryAfter: 5)

    fileprivate static let tooManyAttachments = Refusal(
        .quota, at: .store,
        LocalizedText(
            "Your agency has uploaded as many attachments as may wait for their message. Send the messages, then go on.",
            "Terlalu banyak lampiran instansi Anda menunggu pesannya. Kirim pesannya dahulu, lalu lanjutkan."),
        diagnosis: "attachments without a message", retryAfter: 600)

    fileprivate static let tooManyOctets = Refusal(
        .quota, at: .store,
        LocalizedText(
            "Your agency's attachments take as much room as they may. Room comes back when their messages expire.",
            "Lampiran instansi Anda sudah mencapai batas ruang. Ruang kembali tersedia saat pesannya kedaluwarsa."),
        diagnosis: "octets of attachments", retryAfter: 3600)
}
