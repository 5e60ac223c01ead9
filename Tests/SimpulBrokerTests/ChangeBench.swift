import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON

/// A broker whose police and shelter approve changes, and the steps that tests of changes repeat.
struct ChangeBench {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker
    /// What a test changes in every roster, the first one included.
    let everywhere: @Sendable (inout Agency) -> Void

    init(_ everywhere: @escaping @Sendable (inout Agency) -> Void = { _ in }) throws {
        network = try TestNetwork.shared.get()
        self.everywhere = everywhere
        let roster = try network.roster(changing: everywhere)
        broker = try network.makeBroker(on: store, roster: roster, policy: Self.policy(network))
    }

    static func policy(_ network: TestNetwork, _ text: String = "first") -> Policy {
        Policy(
            rules: [], approvers: [network.police.id, network.shelter.id],
            digest: Digest(SHA256.hash(Array(text.utf8))))
    }

    /// Rules that give the protection unit a second role.
    func wider(
        revocationLists: [RevocationList] = [], changing change: (inout Agency) -> Void = { _ in }
    ) throws -> Rulebook.Rules {
        let role = try require(Role("TF"))
        return try rules(revocationLists: revocationLists) { agency in
            if agency.id == network.protection.id { agency.roles.insert(role) }
            change(&agency)
        }
    }

    /// Rules with that roster and the first policy.
    func rules(
        revocationLists: [RevocationList] = [], changing change: (inout Agency) -> Void = { _ in }
    ) throws -> Rulebook.Rules {
        let roster = try network.roster(
            changing: { agency in
                everywhere(&agency)
                change(&agency)
            }, revocationLists: revocationLists)
        return Rulebook.Rules(roster: roster, policy: Self.policy(network))
    }

    /// The step from what the log recorded last to those rules.
    func step(to rules: Rulebook.Rules) async throws -> RuleChange {
        let newest = try require(try await store.newest(.authority))
        return RuleChange(
            hub: broker.id, after: newest.digest, from: try require(newest.configurationDigest),
            to: Authority(rules).digest,
            approvers: rules.roster.approverKeys(of: rules.policy, at: network.now), reason: "uji", at: network.now)
    }

    /// A file with the approvals of those agencies.
    func document(_ change: RuleChange, by agencies: [TestAgency]) throws -> ChangeDocument {
        var file = ChangeFile(change)
        for agency in agencies { try file.append(agency.signing.approval(of: change)) }
        return Self.document(file.octets)
    }

    static func document(_ octets: [UInt8]) -> ChangeDocument {
        ChangeDocument(path: "policy.change", content: .success(octets))
    }

    static let none = ChangeDocument(path: "policy.change", content: .failure(.missing))

    /// Why a reload with those rules is refused; nil where it is not.
    func refusal(of rules: Rulebook.Rules, _ change: ChangeDocument) async throws -> ChangeFault? {
        do {
            _ = try await broker.replaceRules(with: rules, change: change)
            return nil
        } catch {
            guard case .unapproved(let unapproved) = error else { throw error }
            return unapproved.fault
        }
    }

    /// The records of who may do what, in the order of the log.
    var records: [AuthorityRecord] { store.leaves.compactMap { AuthorityRecord($0.record) } }

    /// The roles of the protection unit in the rules in force.
    var roles: [String] {
        (broker.rulebook.rules.roster.agencies[network.protection.id]?.roles ?? []).map(\.description).sorted()
    }
}
