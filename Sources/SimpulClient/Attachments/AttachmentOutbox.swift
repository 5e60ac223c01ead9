import Glibc
internal import JOSE
public import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// A file that a message shall take along.
public struct AttachmentSource: Sendable {
    /// Where it is.
    public let path: String
    /// The media type of its text.
    public let mediaType: String?
    /// The digest of its text: what tells whether the same file is sent again. It never leaves this machine.
    let digest: Digest

    /// Reads a file once, piece by piece.
    /// - Throws: ``ClientError`` where it cannot be read, is empty, or is larger than a broker takes.
    public init(path: String, mediaType: String?, limits: Limits = Limits()) throws(ClientError) {
        self.path = path
        self.mediaType = mediaType
        do throws(FileError) {
            let file = try AttachmentFile(reading: path)
            guard (1...limits.attachmentBytes).contains(try file.length) else { throw FileError(path, EFBIG) }
            digest = try file.digest()
        } catch {
            throw ClientError(error)
        }
    }

    /// The name to tell the recipient: the last part of the path.
    var name: String { String((path.split(separator: "/").last ?? "").prefix(160)) }
}

/// An encrypted file that lies ready.
public struct AttachmentParcel: Sendable {
    /// What its message tells of it.
    public let secret: AttachmentSecret
    let place: String

    /// The encrypted file.
    var ciphertext: String { place + ".cipher" }
}

/// Encrypts files, each under a key and an IV of its own. The ciphertext and its key lie in the spool, for their owner
/// alone, until the message is there too; so what was interrupted goes on with the same octets.
public struct AttachmentOutbox: Sendable {
    private let folder: String
    private let clock: RetryClock

    /// Seconds that a parcel is kept whose message never came.
    private static let keptSeconds: Int64 = 7 * 86_400
    private static let mostFiles = 10_000

    /// An outbox.
    /// - Parameter spool: the spool's folder.
    public init(spool: String, clock: RetryClock) throws(ClientError) {
        self.clock = clock
        folder = spool + "/attachments"
        do { try FileAccess.makeDirectory(folder) } catch { throw ClientError(error) }
        prune()
    }

    /// The encrypted file: the one that an interrupted call has left, or a new one.
    func parcel(of source: AttachmentSource) throws(ClientError) -> AttachmentParcel {
        do throws(FileError) {
            if let kept = try kept(source) { return kept }
            let place = "\(folder)/\(Base64URL.encode(SecureRandom.bytes(16)).replacing("-", with: "_"))"
            let (key, iv) = (SecureRandom.bytes(AES256CTR.keyLength), SecureRandom.bytes(AES256CTR.ivLength))
            guard let cipher = AES256CTR(key: key, iv: iv) else { preconditionFailure("lengths of this cipher") }
            let text = try AttachmentFile(reading: source.path)
            let secrets = try AttachmentFile(writing: place + ".cipher", isNew: true)
            let written = try text.apply(cipher, to: secrets)
            let secret = AttachmentSecret(
                listed: ListedAttachment(digest: written.digest, bytes: written.length), key: key, iv: iv,
                name: source.name, mediaType: source.mediaType)
            let entry: JSON = ["source": .string(source.digest.description), "attachment": secret.body]
            try FileAccess.writeDurably(entry.bytes, to: place + ".parcel")
            return AttachmentParcel(secret: secret, place: place)
        } catch {
            throw ClientError(error)
        }
    }

    private func kept(_ source: AttachmentSource) throws(FileError) -> AttachmentParcel? {
        for name in try FileAccess.names(in: folder, suffix: ".parcel", limit: Self.mostFiles) {
            let place = "\(folder)/\(name.dropLast(".parcel".count))"
            guard let entry = try? JSONDocument(FileAccess.read(place + ".parcel", limit: 4096)).root,
                entry["source"]?.string == source.digest.description,
                var secret = entry["attachment"].flatMap({ AttachmentSecret($0) }),
                let file = try? AttachmentFile(reading: place + ".cipher"), (try? file.length) == secret.listed.bytes
            else { continue }
            (secret.name, secret.mediaType) = (source.name, source.mediaType)
            return AttachmentParcel(secret: secret, place: place)
        }
        return nil
    }

    /// Forgets parcels whose message is in the spool. What cannot be removed is removed later.
    func forget(_ parcels: [AttachmentParcel]) {
        for parcel in parcels { remove(parcel.place) }
    }

    private func prune() {
        let oldest = clock.now().advanced(bySeconds: -Self.keptSeconds)
        for name in (try? FileAccess.names(in: folder, suffix: ".cipher", limit: Self.mostFiles)) ?? [] {
            let place = "\(folder)/\(name.dropLast(".cipher".count))"
            guard let written = try? FileAccess.lastChange(of: place + ".cipher"), written < oldest else { continue }
            remove(place)
        }
    }

    private func remove(_ place: String) {
        try? FileAccess.remove(place + ".parcel")
        try? FileAccess.remove(place + ".cipher")
    }
}

/// Told how far a transfer is.
public struct TransferProgress: Sendable {
    /// Octets that are there, and octets of the whole.
    public var tell: @Sendable (Int, Int) -> Void
    /// The transfer has ended.
    public var done: @Sendable () -> Void

    /// Tells somebody.
    public init(tell: @escaping @Sendable (Int, Int) -> Void, done: @escaping @Sendable () -> Void) {
        self.tell = tell
        self.done = done
    }

    /// Tells nobody.
    public static let silent = TransferProgress(tell: { _, _ in }, done: {})
}
