public import SimpulCore

/// The encrypted attachments that have come in bundles, below the spool: `courier/attachments/<digest>`, the digest as 64
/// hexadecimal digits, and `.part` behind it where not all of it has come. They stay until they are decrypted, for as long
/// as a message may live.
public struct CourierFiles {
    private let folder: String
    private let limits: Limits
    private var current: (attachment: ListedAttachment, file: AttachmentFile, next: Int)?
    private var passed: ListedAttachment?

    private static let mostFiles = 100_000

    /// What became of a part.
    public enum Outcome: Sendable, Equatable {
        /// It is written, or was there, or does not follow what is there.
        case part
        /// It was the last one, and all of it has its digest.
        case whole
        /// All of it was there before; said once.
        case known
        /// It was the last one, and what has come has another digest. Nothing of it is kept.
        case damaged
    }

    /// Opens the folder of a spool, and makes it where there is none.
    public init(spoolFolder: String, limits: Limits = Limits()) throws(ClientError) {
        folder = spoolFolder + "/courier/attachments"
        self.limits = limits
        do throws(FileError) {
            try FileAccess.makeDirectory(spoolFolder + "/courier")
            try FileAccess.makeDirectory(folder)
        } catch {
            throw ClientError(error)
        }
    }

    private func place(_ listed: ListedAttachment) -> String {
        "\(folder)/\(listed.digest.description.dropFirst("sha-256:".count))"
    }

    /// The ciphertext of an attachment, where all of it has come.
    func path(of listed: ListedAttachment) -> String? {
        let path = place(listed)
        return FileAccess.exists(path) ? path : nil
    }

    /// Forgets what was decrypted. What cannot be removed now is removed later.
    func forget(_ listed: ListedAttachment) { try? FileAccess.remove(place(listed)) }

    /// Takes a part; what is there already is not written again.
    /// - Throws: ``ClientError`` where it cannot be written; what was written before stays.
    public mutating func take(
        _ listed: ListedAttachment, offset: Int, octets: [UInt8]
    ) throws(ClientError) -> Outcome {
        do throws(FileError) {
            guard passed != listed else { return .part }
            if current?.attachment != listed {
                guard try begin(listed) else { return .known }
            }
            guard let (_, file, next) = current, offset <= next else { return .part }
            let end = offset + octets.count
            if end > next {
                try file.write(Array(octets[(next - offset)...]), at: next)
                current?.next = end
            }
            return end == listed.bytes ? try finish(file, listed) : .part
        } catch {
            throw ClientError(error)
        }
    }

    /// - Returns: false where all of it is there.
    private mutating func begin(_ listed: ListedAttachment) throws(FileError) -> Bool {
        (current, passed) = (nil, nil)
        if path(of: listed) != nil {
            passed = listed
            return false
        }
        let file = try AttachmentFile(writing: place(listed) + ".part", isNew: false)
        var there = try file.length
        if there > listed.bytes {
            try file.cut(to: 0)
            there = 0
        }
        current = (listed, file, there)
        return true
    }

    private mutating func finish(_ file: AttachmentFile, _ listed: ListedAttachment) throws(FileError) -> Outcome {
        (current, passed) = (nil, listed)
        try file.sync()
        guard try file.digest() == listed.digest else {
            try FileAccess.remove(place(listed) + ".part")
            return .damaged
        }
        try FileAccess.rename(place(listed) + ".part", to: place(listed))
        return .whole
    }

    /// Removes what is older than a message may be.
    public func prune(at now: Timestamp) {
        let oldest = now.advanced(bySeconds: -limits.lifetimeSeconds)
        for name in (try? FileAccess.names(in: folder, limit: Self.mostFiles)) ?? [] {
            let path = "\(folder)/\(name)"
            guard let written = try? FileAccess.lastChange(of: path), written < oldest else { continue }
            try? FileAccess.remove(path)
        }
    }
}
