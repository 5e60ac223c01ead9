internal import SimpulCore

/// A message that fits what was accepted before it: it answers, replaces and cancels only what its sender may, and its
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

    /// - Throws: `lifecycle`; or a ``StoreError``.
    func relate(_ message: ValidMessage) async throws -> RelatedMessage {
        let known = message.header.refersToOthers ? try await store.relations(of: message.header) : .none
        _ = try known.check(message.header)
        return RelatedMessage(message, known)
    }
}
