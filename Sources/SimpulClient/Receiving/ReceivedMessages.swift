public import SimpulCore

/// What was received and verified, in a file of one line each (`token sender id digest`), so that a person's receipt
/// speaks of the envelope that was here, and not of one that a broker names. The newest 2 000 are kept at least; each
/// costs about 180 octets.
public struct ReceivedMessages: Sendable {
    /// One verified message.
    public struct Entry: Sendable, Equatable {
        /// The token of the lease it came with.
        public var token: String
        /// The message.
        public var key: MessageKey
        /// The envelope's digest.
        public var digest: Digest

        /// An entry.
        public init(token: String, key: MessageKey, digest: Digest) {
            self.token = token
            self.key = key
            self.digest = digest
        }
    }

    private static let longest = 1024 * 1024
    private static let kept = 2000

    private let path: String

    /// The journal in that file, which may not be there yet.
    public init(file path: String) { self.path = path }

    /// Remembers a message; on disk when this returns.
    public func insert(_ entry: Entry) throws(ClientError) {
        do {
            let entries = try read()
            let line = Self.line(entry)
            guard entries.octets + line.count > Self.longest else {
                return try FileAccess.appendDurably(line, to: path)
            }
            try FileAccess.writeDurably(entries.list.suffix(Self.kept).flatMap(Self.line) + line, to: path)
        } catch {
            throw ClientError(error)
        }
    }

    /// The newest entry with that token, or of that message.
    public func find(where isWanted: (Entry) -> Bool) throws(ClientError) -> Entry? {
        do { return try read().list.last(where: isWanted) } catch { throw ClientError(error) }
    }

    private func read() throws(FileError) -> (list: [Entry], octets: Int) {
        guard FileAccess.exists(path) else { return ([], 0) }
        let octets = try FileAccess.read(path, limit: 2 * Self.longest)
        let list = octets.split(separator: UInt8(ascii: "\n")).compactMap { line -> Entry? in
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
            guard parts.count == 4, let sender = AgencyID(parts[1]), let id = MessageID(parts[2]),
                let digest = Digest(parts[3])
            else { return nil }
            return Entry(token: parts[0], key: MessageKey(sender: sender, id: id), digest: digest)
        }
        return (list, octets.count)
    }

    private static func line(_ entry: Entry) -> [UInt8] {
        Array("\(entry.token) \(entry.key.sender) \(entry.key.id) \(entry.digest)\n".utf8)
    }
}
