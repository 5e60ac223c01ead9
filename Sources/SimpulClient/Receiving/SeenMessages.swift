public import SimpulCore

/// Which messages were handled already, in a file of one line each (`sender id`), so that a repeated delivery is news to
/// nobody. The newest 20 000 are kept; each costs about 90 octets, and more repeats than that were never in question.
public struct SeenMessages: Sendable {
    private let path: String
    private let most: Int
    private var keys: Set<MessageKey>
    private var order: [MessageKey]

    /// Reads the file; one that is not there yet holds nothing. Lines in another form are passed over.
    /// - Throws: ``ClientError`` where it cannot be read.
    public init(file path: String) throws(ClientError) { try self.init(file: path, most: 20_000) }

    init(file path: String, most: Int) throws(ClientError) {
        self.path = path
        self.most = most
        var bytes: [UInt8] = []
        if FileAccess.exists(path) {
            do {
                bytes = try FileAccess.read(path, limit: 16 * 1024 * 1024)
            } catch {
                throw ClientError(error)
            }
        }
        order = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard parts.count == 2, let sender = AgencyID(String(parts[0])), let id = MessageID(String(parts[1])) else {
                return nil
            }
            return MessageKey(sender: sender, id: id)
        }.suffix(most)
        keys = Set(order)
    }

    /// Whether that message was handled.
    public func contains(_ key: MessageKey) -> Bool { keys.contains(key) }

    /// Remembers a handled message; on disk when this returns.
    public mutating func insert(_ key: MessageKey) throws(ClientError) {
        guard keys.insert(key).inserted else { return }
        order.append(key)
        do {
            if order.count > most {
                order.removeFirst(order.count - most / 2)
                keys = Set(order)
                try FileAccess.writeDurably(order.flatMap(Self.line), to: path)
            } else {
                try FileAccess.appendDurably(Self.line(key), to: path)
            }
        } catch {
            throw ClientError(error)
        }
    }

    private static func line(_ key: MessageKey) -> [UInt8] { Array("\(key.sender) \(key.id)\n".utf8) }
}
