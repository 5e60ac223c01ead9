internal import SimpulCore
internal import SimpulEnvelope

/// The octets of a verified envelope's document, within the limit. Not parsed yet.
public struct InflatedDocument: Sendable {
    /// Where the octets come from.
    public let verified: VerifiedEnvelope
    /// The document's octets.
    public let octets: [UInt8]

    fileprivate init(verified: VerifiedEnvelope, octets: [UInt8]) {
        self.verified = verified
        self.octets = octets
    }
}

/// ``VerifiedEnvelope`` → ``InflatedDocument``.
struct Inflation: Sendable {
    let limits: Limits

    /// - Throws: `inflate-failed` or `too-large`.
    func inflate(_ verified: VerifiedEnvelope) throws(Refusal) -> InflatedDocument {
        let octets = try verified.envelope.inflatedPayload(limit: limits.documentBytes)
        return InflatedDocument(verified: verified, octets: octets)
    }
}
