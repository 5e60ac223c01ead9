import Glibc
internal import JOSE
internal import SimpulCore

/// Fetches attachments, verifies their signed digest, and only then decrypts them to files.
public struct AttachmentInbox: Sendable {
    private let hub: HubConnection?
    private let spool: String
    private let folder: String
    private let clock: RetryClock
    private let patience: Int64
    private let progress: TransferProgress

    /// An inbox that writes to a folder, which is made where there is none.
    /// - Parameters:
    ///   - hub: where they are fetched from; nil where only what has come in bundles is looked at.
    ///   - spool: the spool's folder, in which lies what has come in bundles: it is not fetched again.
    ///   - patience: seconds that it tries on without any progress.
    public init(
        hub: HubConnection?, spool: String, folder: String, clock: RetryClock, patience: Int64,
        progress: TransferProgress
    ) throws(ClientError) {
        self.hub = hub
        self.spool = spool
        self.folder = folder
        self.clock = clock
        self.patience = patience
        self.progress = progress
        do { try FileAccess.makeDirectory(folder) } catch { throw ClientError(error) }
    }

    /// Where an attachment is, and whether it was there before.
    public struct Fetched: Sendable, Equatable {
        /// The file.
        public var path: String
        /// Whether a file of that name was there already; it was left as it was.
        public var wasThere: Bool
    }

    /// Fetches one attachment. Its file is called after the ciphertext's digest, with an ending for well-known media
    /// types; the name that the message gives never becomes part of a path. No file is ever written over.
    /// - Throws: ``ClientError``: of code `attachment-digest` where what came is not what was signed; it is not kept.
    public func fetch(_ secret: AttachmentSecret) async throws(ClientError) -> Fetched {
        let stem = "\(folder)/\(secret.listed.digest.description.dropFirst("sha-256:".count).prefix(32))"
        let path = stem + MediaTypeEnding.of(secret.mediaType)
        guard !FileAccess.exists(path) else {
            try CourierFiles(spoolFolder: spool).forget(secret.listed)
            return Fetched(path: path, wasThere: true)
        }
        do {
            if try decryptCarried(secret, to: path, by: stem + ".clear") { return Fetched(path: path, wasThere: false) }
            guard let hub else { throw ClientError.notCarried }
            let ciphertext = try AttachmentFile(writing: stem + ".part", isNew: false)
            try await download(secret.listed, from: hub, to: ciphertext)
            guard try ciphertext.digest() == secret.listed.digest else {
                try FileAccess.remove(stem + ".part")
                throw ClientError.digestDiffers
            }
            try Self.decrypt(secret, ciphertext, to: path, by: stem + ".clear")
            try FileAccess.remove(stem + ".part")
            return Fetched(path: path, wasThere: false)
        } catch let error as ClientError {
            throw error
        } catch let error as HubError {
            progress.done()
            throw ClientError(error)
        } catch let error as FileError {
            throw ClientError(error)
        } catch {
            throw ClientError(.unable, "internal", LocalizedText("\(error)", "\(error)"))
        }
    }

    /// Decrypts what has come in a bundle. What has another digest by now is thrown away.
    /// - Returns: false where there is none.
    private func decryptCarried(_ secret: AttachmentSecret, to path: String, by temporary: String) throws -> Bool {
        let carried = try CourierFiles(spoolFolder: spool)
        guard let place = carried.path(of: secret.listed) else { return false }
        let ciphertext = try AttachmentFile(reading: place)
        guard try ciphertext.digest() == secret.listed.digest else {
            carried.forget(secret.listed)
            return false
        }
        try Self.decrypt(secret, ciphertext, to: path, by: temporary)
        carried.forget(secret.listed)
        return true
    }

    private func download(
        _ listed: ListedAttachment, from hub: HubConnection, to file: AttachmentFile
    ) async throws {
        var there = try file.length
        if there > listed.bytes {
            try file.cut(to: 0)
            there = 0
        }
        var failure: FileError?
        try await clock.goingOn(forSeconds: patience, from: { there }) { () throws(HubError) in
            guard there < listed.bytes else { return }
            do {
                try await hub.download(listed, to: file, from: there) { place in
                    there = place
                    progress.tell(place, listed.bytes)
                }
            } catch let error as HubError {
                throw error
            } catch let error as FileError {
                failure = error
            } catch {
                throw .unreachable("\(error)")
            }
        }
        progress.done()
        if let failure { throw failure }
        try file.sync()
    }

    /// The name appears once the whole is on disk, and only where there is none.
    static func decrypt(
        _ secret: AttachmentSecret, _ ciphertext: AttachmentFile, to path: String, by temporary: String
    ) throws {
        guard let cipher = AES256CTR(key: secret.key, iv: secret.iv) else { throw ClientError.digestDiffers }
        try FileAccess.remove(temporary)
        // Whatever happens, no clear text is left under another name.
        defer { try? FileAccess.remove(temporary) }
        let text = try AttachmentFile(writing: temporary, isNew: true)
        _ = try ciphertext.apply(cipher, to: text)
        guard link(temporary, path) == 0 else { throw FileError(path, errno) }
    }
}

/// Endings of files whose kind a person's programs know. What a sender calls its file is not looked at.
enum MediaTypeEnding {
    private static let known = [
        "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf",
        "text/plain": ".txt", "video/mp4": ".mp4", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/mp4": ".m4a",
    ]

    static func of(_ mediaType: String?) -> String { mediaType.flatMap { known[$0] } ?? ".bin" }
}

extension ClientError {
    fileprivate static let notCarried = ClientError(
        .unable, "attachment-absent",
        LocalizedText(
            "The attachment has not come in a bundle. Import a later bundle, or fetch it with simpul attachment get where there is a line.",
            "Lampiran tidak datang dalam bundel. Impor bundel berikutnya, atau ambil dengan simpul attachment get bila ada jaringan."
        ))

    fileprivate static let digestDiffers = ClientError(
        .refused, "attachment-digest",
        LocalizedText(
            "What the broker gave is not what the sender has signed. It was not decrypted and not kept.",
            "Data dari simpul bukan yang ditandatangani pengirim. Data tidak didekripsi dan tidak disimpan."))
}
