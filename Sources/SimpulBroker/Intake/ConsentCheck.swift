internal import SimpulCore

/// A message that a living consent covers where it needs one, or that changes a consent as its holder may. The store
/// says so once more when it writes.
public struct ConsentedMessage: Sendable {
    /// The message.
    public let valid: ValidMessage
    /// The level of the message that it answers, where that is known.
    let answeredLevel: ClockLevel?
    /// Whether a message that it redirects is TLP:RED.
    let answersRed: Bool

    fileprivate init(_ related: RelatedMessage) {
        valid = related.valid
        answeredLevel = related.answeredLevel
        answersRed = related.answersRed
    }
}

/// ``RelatedMessage`` → ``ConsentedMessage``. The store is asked only about a message that needs or changes a consent.
struct ConsentCheck: Sendable {
    let store: any MessageHistory
    let limits: Limits

    /// - Throws: `consent` or `rule`; or a ``StoreError``.
    func consent(_ related: RelatedMessage) async throws -> ConsentedMessage {
        let message = related.valid
        let header = message.header
        var known = KnownGrants.none
        if let reference = message.consent?.reference ?? header.neededConsent {
            known = try await store.grants(under: reference, status: header.status, for: header.sender)
        }
        _ = try known.check(header, message.consent, at: message.caller.at, limits: limits)
        return ConsentedMessage(related)
    }
}
