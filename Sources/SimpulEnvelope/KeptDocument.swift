public import SimpulCore
internal import StrictJSON

/// What is kept of a document when its envelope is purged: the codes of the header by which the broker still acts, and
/// by which an audit holds its own rows against what was accepted; of a `consent`, which names nobody, its terms as well.
///
/// Kept are who sent it to whom and when, what the clocks (urgency, priority, child, status), the policy (purpose, basis,
/// class, traffic light, mode, audience), the lifecycle (state or step, thread, what it answers) and the consent go by.
/// Of fallbacks only those who got the message stay, so that nobody gets it from what is kept. Everything else goes:
/// region, times asked for, services, persons' roles, attachments and the digest of the sealed body.
public enum KeptDocument {
    /// Members of a header that stay as they are.
    private static let members = [
        "id", "sender", "type", "schema", "hub", "sent", "expires", "recipients", "privacy", "child", "urgency",
        "priority", "mode", "purpose", "legalBasis", "tlp", "audience", "status", "thread", "inReplyTo", "state",
        "step",
    ]
    /// Members of the body of a `consent` that stay.
    private static let terms = ["consentRef", "shareWith", "purposes", "types", "from", "until"]

    /// The octets that are kept: a document with `header` and `body`.
    /// - Parameter holders: everybody who has a delivery of the message.
    /// - Returns: nothing where the header is none.
    public static func octets(of document: EnvelopeDocument, holders: Set<AgencyID>) -> [UInt8] {
        guard let header = Header(document.header) else { return [] }
        let isConsent = header.type == .consent
        let reference = isConsent ? header.consent : header.neededConsent
        let fallback = header.fallback.filter(holders.contains)
        var kept: JSON = .object(picked(members, of: document.header))
        kept["fallback"] = .array(fallback.map { .string($0.description) })
        kept["consentRef"] = reference.map { .string($0.description) }
        kept["riskOnly"] = header.isRiskOnly ? true : nil
        kept["action"] = isConsent ? header.action.map { .string($0) } : nil
        var body: JSON = .object(isConsent ? picked(terms, of: document.body) : [])
        if isConsent, document.body["ended"] != nil { body["ended"] = .object([JSON.Member]()) }
        let json: JSON = ["header": kept, "body": body]
        return json.bytes
    }

    private static func picked(_ names: [String], of value: JSONValue) -> [JSON.Member] {
        names.compactMap { name in value[name].map { JSON.Member(name, JSON($0)) } }
    }
}
