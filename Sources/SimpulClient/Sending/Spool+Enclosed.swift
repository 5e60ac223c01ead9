internal import SimpulCore
internal import SimpulEnvelope

/// The encrypted files of messages that wait in the spool, for their owner alone: `enclosed/<id>.<digest>`, the digest as
/// 64 hexadecimal digits. They are there before their message is, and go with it.
extension Spool {
    /// Seconds that a file is kept whose message never came.
    private static let orphanSeconds: Int64 = 7 * 86_400
    private static let mostEnclosed = 100_000

    private var enclosedFolder: String { folder + "/enclosed" }

    private func enclosedPath(_ id: MessageID, _ digest: Digest) -> String {
        "\(enclosedFolder)/\(id).\(digest.description.dropFirst("sha-256:".count))"
    }

    /// Keeps encrypted files for a message; on disk when this returns.
    func enclose(_ parcels: [AttachmentParcel], with id: MessageID) throws(ClientError) {
        guard !parcels.isEmpty else { return }
        do throws(FileError) {
            try FileAccess.makeDirectory(enclosedFolder)
            for parcel in parcels {
                try FileAccess.link(parcel.ciphertext, to: enclosedPath(id, parcel.secret.listed.digest))
            }
        } catch {
            throw ClientError(error)
        }
    }

    /// Those attachments that a message lists and whose ciphertext lies here, in the header's order.
    func enclosed(with envelope: SpooledEnvelope) -> [(attachment: ListedAttachment, path: String)] {
        let listed = envelope.statedHeader?.attachments ?? []
        return listed.map { ($0, enclosedPath(envelope.id, $0.digest)) }.filter { FileAccess.exists($0.path) }
    }

    /// The waiting envelope that was made of that very document, with those very files, under an id that its sender does
    /// not know: what was interrupted goes on as the same message.
    func interrupted(_ source: [UInt8]) throws(ClientError) -> SpooledEnvelope? {
        for id in Set(try enclosedNames().compactMap(Self.id)) {
            guard try waiting(id) != nil, let earlier = try? earlier(id, of: source) else { continue }
            return earlier
        }
        return nil
    }

    /// Removes the files of a message that has its answer. What cannot be removed now is removed later.
    func release(_ id: MessageID) {
        for name in (try? enclosedNames()) ?? [] where Self.id(name) == id {
            try? FileAccess.remove("\(enclosedFolder)/\(name)")
        }
    }

    /// Removes files whose message never came.
    func pruneEnclosed(at now: Timestamp) {
        let oldest = now.advanced(bySeconds: -Self.orphanSeconds)
        for name in (try? enclosedNames()) ?? [] {
            let path = "\(enclosedFolder)/\(name)"
            guard let id = Self.id(name), (try? waiting(id)) == .some(nil),
                let written = try? FileAccess.lastChange(of: path), written < oldest
            else { continue }
            try? FileAccess.remove(path)
        }
    }

    private func enclosedNames() throws(ClientError) -> [String] {
        do throws(FileError) {
            return try FileAccess.names(in: enclosedFolder, limit: Self.mostEnclosed)
        } catch {
            throw ClientError(error)
        }
    }

    private static func id(_ name: String) -> MessageID? {
        name.split(separator: ".").first.flatMap { MessageID(String($0)) }
    }
}

extension SpooledEnvelope {
    /// The header of this envelope, which we have made.
    var statedHeader: Header? {
        let limits = Limits()
        return (try? SignedEnvelope(parsing: bytes, limits: limits))?.statedHeader(limits: limits)
    }
}
