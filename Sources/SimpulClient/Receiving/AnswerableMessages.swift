public import SimpulCore
internal import StrictJSON

/// The received messages that a `referral-status` can answer, in a folder with one file each. File names hold id and sender and nothing
/// else; the newest 2 000 are kept, each of less than 4 KiB.
public struct AnswerableMessages: Sendable {
    private static let kept = 2000
    private static let mostFiles = 100_000
    private static let longest = 64 * 1024

    private let folder: String

    /// The files in that folder, which may not be there yet.
    public init(folder: String) { self.folder = folder }

    /// Keeps what an answer needs, where the message is one that can be answered; on disk when this returns. What is
    /// kept already stays as it is: its case may have been named to the sender.
    public func insert(_ message: OpenedMessage) throws(ClientError) {
        guard let answerable = Answerable(message) else { return }
        do {
            try FileAccess.makeDirectory(folder)
            let name = "\(answerable.key.id).\(answerable.key.sender).json"
            guard !FileAccess.exists("\(folder)/\(name)") else { return }
            try FileAccess.writeDurably(answerable.json.bytes, to: "\(folder)/\(name)")
            // Ids begin with their time, so the oldest come first.
            let names = try names()
            for old in names.dropLast(Self.kept) { try FileAccess.remove("\(folder)/\(old)") }
        } catch {
            throw ClientError(error)
        }
    }

    /// The messages with that id: more than one where two agencies have used it.
    public func find(_ id: MessageID, from sender: AgencyID?) throws(ClientError) -> [Answerable] {
        do {
            var found: [Answerable] = []
            for name in try names() where name.hasPrefix("\(id).") {
                let octets = try FileAccess.read("\(folder)/\(name)", limit: Self.longest)
                guard let root = try? JSONDocument(octets).root, let answerable = Answerable(root),
                    answerable.key.id == id, sender == nil || answerable.key.sender == sender
                else { continue }
                found.append(answerable)
            }
            return found
        } catch {
            throw ClientError(error)
        }
    }

    private func names() throws(FileError) -> [String] {
        guard FileAccess.exists(folder) else { return [] }
        return try FileAccess.names(in: folder, suffix: ".json", limit: Self.mostFiles).sorted()
    }
}
