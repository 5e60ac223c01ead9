public import JOSE
public import SimpulCore
public import StrictJSON

/// The `sign` certificates by which the approvers of changes are known, by agency.
public typealias ApproverKeys = [AgencyID: Set<SHA256Digest>]

/// One step from the rules that a broker's log recorded last to others, as its approvers sign it. It cannot be used for
/// another step, at another broker, or twice: ``after`` names the one record that it follows.
public struct RuleChange: Hashable, Sendable {
    /// The broker.
    public var hub: AgencyID
    /// SHA-256 of the octets of the record that it follows.
    public var after: Digest
    /// The rules that record names.
    public var from: Digest
    /// The rules that are to be in force.
    public var to: Digest
    /// Who approves what comes after this step, and by which certificates they are known.
    public var approvers: ApproverKeys
    /// Why, for people: one line of at most 500 characters.
    public var reason: String
    /// When it was proposed.
    public var at: Timestamp

    /// The most approvers, and the most certificates of one: what a token may name keeps it below 16 KiB.
    public static let mostApprovers = 16, mostCertificates = 8

    /// A step.
    public init(
        hub: AgencyID, after: Digest, from: Digest, to: Digest, approvers: ApproverKeys, reason: String, at: Timestamp
    ) {
        self.hub = hub
        self.after = after
        self.from = from
        self.to = to
        self.approvers = approvers
        self.reason = reason
        self.at = at
    }

    /// What is signed. There is one form for each step.
    public var octets: [UInt8] {
        let json: JSON = [
            "v": 1, "hub": .string(hub.description), "after": .string(after.description),
            "from": .string(from.description), "to": .string(to.description), "approvers": approvers.json,
            "reason": .string(reason), "at": .string(at.description),
        ]
        return json.bytes
    }

    /// Reads a step; nil for anything that ``octets`` would not write.
    public init?(octets: [UInt8]) {
        guard let document = try? JSONDocument(octets, limits: JSONLimits(depth: 4, numbers: .interoperable)) else {
            return nil
        }
        let root = document.root
        guard root["v"]?.int == 1, let hub = root["hub"]?.string.flatMap(AgencyID.init),
            let after = root["after"]?.string.flatMap({ Digest($0) }),
            let from = root["from"]?.string.flatMap({ Digest($0) }),
            let to = root["to"]?.string.flatMap({ Digest($0) }),
            let approvers = root["approvers"].flatMap({ ApproverKeys($0) }),
            let reason = root["reason"]?.string, Self.isReason(reason),
            let at = root["at"]?.string.flatMap(Timestamp.init)
        else { return nil }
        guard approvers.count <= Self.mostApprovers,
            approvers.values.allSatisfy({ $0.count <= Self.mostCertificates })
        else { return nil }
        self.init(hub: hub, after: after, from: from, to: to, approvers: approvers, reason: reason, at: at)
        guard self.octets == octets else { return nil }
    }

    /// Whether a text may be a reason: one line of 1 to 500 characters.
    public static func isReason(_ text: String) -> Bool {
        (1...500).contains(text.unicodeScalars.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}

extension ApproverKeys {
    /// An object: for each agency its thumbprints, both in their order.
    public var json: JSON {
        .object(
            sorted { $0.key < $1.key }.map { agency, thumbprints in
                JSON.Member(
                    agency.description, .array(thumbprints.map(\.base64url).sorted().map { .string($0) }))
            })
    }

    /// Reads such an object; nil for anything else.
    public init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        var keys: ApproverKeys = [:]
        for member in value.members {
            guard let agency = member.name.string.flatMap(AgencyID.init), member.value.kind == .array else {
                return nil
            }
            let thumbprints = member.value.elements.compactMap { $0.string.flatMap { SHA256Digest(base64url: $0) } }
            guard thumbprints.count == member.value.count else { return nil }
            keys[agency] = Set(thumbprints)
        }
        self = keys
    }
}
