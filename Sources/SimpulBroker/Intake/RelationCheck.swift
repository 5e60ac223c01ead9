package import SimpulCore

/// A message that fits what is there before it: the attachments that it lists are there; it answers, replaces and cancels only what its sender may, and its
/// state follows the last one. The store says so once more when it writes.
public struct RelatedMessage: Sendable {
    /// The message.
    public let valid: ValidMessage
    /// The level of the message that it answers, where that is known.
    let answeredLevel: ClockLevel?
    /// Whether a message that it answers is TLP:RED; looked up where it redirects, and else false.
    let answersRed: Bool

    fileprivate init(_ valid: ValidMessage, _ known: Relations) {
        self.valid = valid
        answeredLevel = known.answeredLevel
        answersRed = known.answersRed
    }
}

/// ``ValidMessage`` → ``RelatedMessage``. The store is asked only about a header that refers to something.
struct RelationCheck: Sendable {
    let store: any MessageHistory

    /// - Throws: `attachment-missing` or `lifecycle`; or a ``StoreError``.
    func relate(_ message: ValidMessage) async throws -> RelatedMessage {
        if !message.header.attachments.isEmpty {
            let missing = try await store.missingAttachments(of: message.header)
            guard missing.isEmpty else { throw Refusal.attachmentMissing(missing, of: message.header) }
        }
        let known = message.header.refersToOthers ? try await store.relations(of: message.header) : .none
        _ = try known.check(message.header)
        return RelatedMessage(message, known)
    }
}

extension Refusal {
    /// Attachments that a header lists, at those places of its list, are not here.
    package static func attachmentMissing(_ places: [Int], of header: Header) -> Refusal {
        Refusal(
            .attachmentMissing, at: .validate,
            LocalizedText(
                "Attachments that the header lists are not here, whole and of that length, from you. Put them first, then send the message.",
                "Lampiran yang disebut header belum ada di sini, utuh dan dengan panjang itu, dari Anda. Unggah dahulu, lalu kirim pesan."
            ),
            faults: places.map { place in
                DocumentFault(
                    pointer: "/header/attachments/\(place)", keyword: "attachments",
                    detail: LocalizedText("You have not uploaded it.", "Belum Anda unggah."))
            }, message: header.id)
    }
}
