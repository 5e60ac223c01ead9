internal import JOSE
public import SimpulCore
internal import SimpulEnvelope

/// What a client keeps for its next bundle to the broker, below the spool: `courier/receipts/<id>.<sender>.<rung>`, its
/// signed receipts, each signed once; and `courier/confirmations`, a line `mark digest` for each rung and answer that it
/// has. All of it goes with every bundle for as long as it is kept, since a stick may get lost: the newest 20 000
/// confirmations, and receipts for 60 days.
public struct CourierReturns: Sendable {
    private let folder: String
    private let limits: Limits
    private var confirmed: Set<Confirmation>
    private var order: [Confirmation]

    /// A rung or an answer that is here.
    public struct Confirmation: Hashable, Sendable {
        /// What the broker's bundle called it.
        public var mark: UInt64
        /// The digest of the receipt's token.
        public var digest: Digest

        /// A confirmation of that receipt.
        public init(mark: UInt64, _ receipt: Receipt) {
            (self.mark, digest) = (mark, Digest(SHA256.hash(receipt.token)))
        }

        fileprivate init?(_ line: String) {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let mark = UInt64(parts[0]), let digest = Digest(String(parts[1])) else {
                return nil
            }
            (self.mark, self.digest) = (mark, digest)
        }

        fileprivate var line: [UInt8] { Array("\(mark) \(digest)\n".utf8) }
    }

    /// Opens the folder of a spool, and makes it where there is none.
    public init(spoolFolder: String, limits: Limits = Limits()) throws(ClientError) {
        folder = spoolFolder + "/courier"
        self.limits = limits
        do throws(FileError) {
            try FileAccess.makeDirectory(folder)
            try FileAccess.makeDirectory(folder + "/receipts")
            let path = folder + "/confirmations"
            let octets = FileAccess.exists(path) ? try FileAccess.read(path, limit: 16 * 1024 * 1024) : []
            order = octets.split(separator: UInt8(ascii: "\n")).compactMap { line in
                Confirmation(String(decoding: line, as: UTF8.self))
            }.suffix(limits.bundleReturns)
        } catch {
            throw ClientError(error)
        }
        confirmed = Set(order)
    }

    /// Everything to be confirmed, oldest first.
    public var confirmations: [Confirmation] { order }

    /// Whether that is here already.
    public func contains(_ confirmation: Confirmation) -> Bool { confirmed.contains(confirmation) }

    /// Keeps a confirmation; on disk when this returns.
    public mutating func insert(_ confirmation: Confirmation) throws(ClientError) {
        guard confirmed.insert(confirmation).inserted else { return }
        order.append(confirmation)
        do {
            let path = folder + "/confirmations"
            if order.count > limits.bundleReturns {
                order.removeFirst(order.count - limits.bundleReturns / 2)
                confirmed = Set(order)
                try FileAccess.writeDurably(order.flatMap(\.line), to: path)
            } else {
                try FileAccess.appendDurably(confirmation.line, to: path)
            }
        } catch {
            throw ClientError(error)
        }
    }

    /// Keeps a receipt of ours, unless there is one for that step already: the first one counts. On disk when this returns.
    /// - Returns: the one that counts, and whether it was here before.
    @discardableResult
    public func keep(
        _ rung: Rung, of key: MessageKey, _ sign: () throws(ClientError) -> Receipt
    ) throws(ClientError) -> (receipt: Receipt, isRepeated: Bool) {
        let path = "\(folder)/receipts/\(key.id).\(key.sender).\(rung.rawValue)"
        do {
            if FileAccess.exists(path) {
                return (Receipt(token: try FileAccess.read(path, limit: 64 * 1024)), true)
            }
        } catch {
            throw ClientError(error)
        }
        let receipt = try sign()
        do {
            try FileAccess.writeDurably(receipt.token, to: path)
        } catch {
            throw ClientError(error)
        }
        return (receipt, false)
    }

    /// Our receipts, lower rungs first; those that are older than twice the life of a message are removed.
    func receipts(at now: Timestamp) throws(ClientError) -> [(key: MessageKey, receipt: Receipt)] {
        let oldest = now.advanced(bySeconds: -2 * limits.lifetimeSeconds)
        var found: [(key: MessageKey, rung: Rung, receipt: Receipt)] = []
        do throws(FileError) {
            for name in try FileAccess.names(in: folder + "/receipts", limit: limits.bundleReturns) {
                let path = "\(folder)/receipts/\(name)"
                guard let (key, rung) = Self.parsed(name) else { continue }
                guard try FileAccess.lastChange(of: path) >= oldest else {
                    try FileAccess.remove(path)
                    continue
                }
                found.append((key, rung, Receipt(token: try FileAccess.read(path, limit: 64 * 1024))))
            }
        } catch {
            throw ClientError(error)
        }
        return found.sorted { $0.rung.height < $1.rung.height }.map { ($0.key, $0.receipt) }
    }

    private static func parsed(_ name: String) -> (MessageKey, Rung)? {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let id = MessageID(parts[0]), let point = parts[1].lastIndex(of: "."),
            let sender = AgencyID(String(parts[1][..<point])),
            let rung = Rung(rawValue: String(parts[1][parts[1].index(after: point)...]))
        else { return nil }
        return (MessageKey(sender: sender, id: id), rung)
    }
}
