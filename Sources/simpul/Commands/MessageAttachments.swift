import SimpulClient
import SimpulCore
import StrictJSON

/// Fetches, verifies and decrypts the attachments of messages before they are acknowledged, as `simpul attachment get`
/// does.
struct MessageAttachments: Sendable {
    let inbox: AttachmentInbox
    let folder: String
    let terminal: Terminal

    /// - Parameter deadline: when the message is no longer ours. What has come by then stays, and the next time goes on.
    /// - Returns: whether all of them are in the folder.
    func fetch(_ message: OpenedMessage, until deadline: ContinuousClock.Instant) async throws -> Bool {
        do {
            let secrets = try AttachmentSecret.all(in: message.document.bytes)
            guard !secrets.isEmpty else { return true }
            guard let fetched = try await fetched(secrets, until: deadline) else {
                refuse(
                    message,
                    LocalizedText(
                        "not all of its attachments came before the lease was over; the next time goes on there (--lease gives more time)",
                        "belum semua lampirannya datang sebelum waktu pinjam habis; berikutnya dilanjutkan (--lease memberi waktu lebih)"
                    ))
                return false
            }
            try tell(zip(secrets, fetched).map { $0 }, of: message)
            return true
        } catch let error as ClientError {
            refuse(
                message,
                LocalizedText("\(error.code): \(error.detail.english)", "\(error.code): \(error.detail.indonesian)"))
            return false
        }
    }

    private func fetched(
        _ secrets: [AttachmentSecret], until deadline: ContinuousClock.Instant
    ) async throws -> [AttachmentInbox.Fetched]? {
        try await withThrowingTaskGroup(of: [AttachmentInbox.Fetched]?.self) { group in
            group.addTask {
                var all: [AttachmentInbox.Fetched] = []
                for secret in secrets { all.append(try await inbox.fetch(secret)) }
                return all
            }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func refuse(_ message: OpenedMessage, _ why: LocalizedText) {
        terminal.note(
            LocalizedText(
                "Message \(message.header.id) is not acknowledged: \(why.english)",
                "Pesan \(message.header.id) tidak diakui: \(why.indonesian)"))
    }

    private func tell(
        _ files: [(AttachmentSecret, AttachmentInbox.Fetched)], of message: OpenedMessage
    ) throws {
        try terminal.answer(
            [
                "id": .string(message.header.id.description), "sender": .string(message.header.sender.description),
                "files": .array(files.map { FetchedText.json($0, $1) }),
            ],
            files.map { FetchedText.text($0, $1, terminal.language) }.joined(separator: "\n"))
    }
}
