internal import SimpulCore

/// The attachments of one bundle, on their way in, part by part: each is an upload of the agency that signed the bundle,
/// which goes on where what is there ends. The digest decides at the end what it is.
struct CourierAttachments: Sendable {
    private enum Progress {
        /// It is here, or its octets cannot be taken.
        case passed
        case open(AttachmentUpload, next: Int)
    }

    private let attachments: Attachments
    private var current: (attachment: ListedAttachment, progress: Progress)?
    /// Where the current upload went on: what was before it came from elsewhere.
    private var start = 0
    /// What could not be taken now: a message that lists it waits.
    private(set) var left: Set<Digest> = []
    /// What is whole now and was not before.
    private(set) var taken = 0
    /// What was whole before.
    private(set) var known = 0
    /// What has another digest or length than it may have.
    private(set) var refused = 0

    init(_ attachments: Attachments) { self.attachments = attachments }

    /// Takes a part.
    /// - Throws: a ``StoreError`` where it cannot be written: import the bundle again.
    mutating func take(
        _ attachment: ListedAttachment, _ offset: Int, _ octets: [UInt8], from caller: Caller
    ) async throws {
        do {
            if offset == 0 || current?.attachment != attachment { try await begin(attachment, from: caller) }
            guard case .open(let upload, let next)? = current?.progress else { return }
            let end = offset + octets.count
            guard end > next else { return }
            guard offset <= next else { throw OffsetMismatch(length: next) }
            try await upload.append(Array(octets[(next - offset)...]))
            current = (attachment, .open(upload, next: end))
            if end == attachment.bytes { try await finish(upload, attachment) }
        } catch let refusal as Refusal where isFinal(refusal) {
            current = (attachment, .passed)
            refused += 1
        } catch let error where error is Refusal || error is OffsetMismatch {
            current = (attachment, .passed)
            left.insert(attachment.digest)
        }
    }

    /// Whether the same octets are refused again. Where they went on behind others, those may be what is wrong; they are
    /// gone now.
    private func isFinal(_ refusal: Refusal) -> Bool {
        refusal.code != .quota && !(refusal.code == .digestMismatch && start > 0)
    }

    private mutating func begin(_ attachment: ListedAttachment, from caller: Caller) async throws {
        current = nil
        var there = 0
        do {
            let upload = try await attachments.look(at: attachment.digest, for: caller).upload
            if upload?.isWhole == true {
                known += 1
                return current = (attachment, .passed)
            }
            there = min(upload?.length ?? 0, attachment.bytes)
        } catch let refusal as Refusal where refusal.code == .notFound {}
        do {
            try await open(attachment, at: there, from: caller)
        } catch let refusal as Refusal where refusal.code == .parameterRefused && there > 0 {
            // What is there belongs to a whole of another length.
            try await open(attachment, at: 0, from: caller)
        }
    }

    private mutating func open(_ attachment: ListedAttachment, at offset: Int, from caller: Caller) async throws {
        guard let part = UploadPart(first: offset, count: attachment.bytes - offset, total: attachment.bytes) else {
            return current = (attachment, .passed)
        }
        guard let upload = try await attachments.upload(attachment.digest, part, for: caller, by: .bundle) else {
            return current = (attachment, .passed)
        }
        (current, start) = ((attachment, .open(upload, next: offset)), offset)
        if offset == attachment.bytes { try await finish(upload, attachment) }
    }

    private mutating func finish(_ upload: AttachmentUpload, _ attachment: ListedAttachment) async throws {
        current = (attachment, .passed)
        _ = try await upload.finish()
        taken += 1
    }
}
