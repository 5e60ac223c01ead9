internal import JOSE
public import SimpulCore
public import SimpulEnvelope
internal import StrictJSON

/// Who may do what: the policy, and each agency's roles. A change of it needs two signatures; certificates, their
/// revocation, and whether an agency is active are no part of it, so an emergency waits for nobody (protocol §9).
public struct Authority: Hashable, Sendable {
    /// The digest of the policy's file.
    public var policy: Digest
    /// The roles of each agency that is listed, active or not.
    public var roles: [AgencyID: Set<Role>]

    /// The authority of rules.
    public init(_ rules: Rulebook.Rules) {
        policy = rules.policy.digest
        roles = rules.roster.agencies.mapValues(\.roles)
    }

    init?(policy: Digest?, agencies: JSONValue?) {
        guard let policy, let agencies, agencies.kind == .object else { return nil }
        var roles: [AgencyID: Set<Role>] = [:]
        for member in agencies.members {
            guard let agency = member.name.string.flatMap(AgencyID.init) else { return nil }
            let read = member.value.elements.compactMap { $0.string.flatMap(Role.init) }
            guard member.value.kind == .array, read.count == member.value.count else { return nil }
            roles[agency] = Set(read)
        }
        (self.policy, self.roles) = (policy, roles)
    }

    /// SHA-256 of the canonical JSON (RFC 8785) `{"agencies":{"<id>":["<role>",…],…},"policy":"<digest>"}`, ids and
    /// roles in the order of their octets.
    public var digest: Digest {
        Digest(
            SHA256.hash(JSON.object([.init("agencies", agencies), .init("policy", .string(policy.description))]).bytes))
    }

    var agencies: JSON {
        .object(
            roles.sorted { $0.key < $1.key }.map { agency, roles in
                JSON.Member(
                    agency.description, .array(roles.map(\.description).sorted().map { .string($0) }))
            })
    }
}

extension Roster {
    /// The certificates by which the approvers of a policy are known from now on: those that may sign at that moment,
    /// and of more than ``RuleChange/mostCertificates`` the ones that last longest.
    public func approverKeys(of policy: Policy, at now: Timestamp) -> ApproverKeys {
        var keys: ApproverKeys = [:]
        for approver in policy.approvers {
            let usable = (agencies[approver]?.certificates ?? []).filter {
                $0.use == .sign && objection(to: $0, at: now) == nil
            }
            let longest = usable.sorted { $0.certificate.notAfter > $1.certificate.notAfter }
            keys[approver] = Set(longest.prefix(RuleChange.mostCertificates).map(\.thumbprint))
        }
        return keys
    }
}
