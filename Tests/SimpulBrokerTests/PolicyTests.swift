import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@Suite struct PolicyTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func policy(
        _ rules: [Policy.Rule], groups: [GroupName: Set<AgencyID>] = [:], dpia: String? = "DPIA-2026-02"
    ) -> Policy {
        Policy(rules: rules, groups: groups, impactAssessment: dpia, digest: Digest(SHA256.hash([UInt8]())))
    }

    private func rule(_ id: String, _ type: MessageType, _ from: [TestAgency], _ to: [TestAgency]) -> Policy.Rule {
        Policy.Rule(
            id: id, type: type, from: Parties(roles: Set(from.map(\.role))), to: Parties(roles: Set(to.map(\.role))),
            basis: "test")
    }

    @Test(arguments: MessageType.allCases)
    func `an empty policy refuses every type and says that it has no rule for it`(type: MessageType) throws {
        let decision = try policy([]).decide(
            TestHeader.make(type), from: network.immigration.listed, to: network.police.listed)
        #expect(decision == .denied(.noRuleForType(type)))
    }

    @Test func `each refusal names the rule that it missed`() throws {
        let rules = policy([
            rule("one", .alert, [network.immigration], [network.police]),
            rule("two", .alert, [network.police], [network.shelter]),
        ])
        let (desk, police) = (network.immigration.listed, network.police.listed)
        let (shelter, protection) = (network.shelter.listed, network.protection.listed)
        let (alert, tip) = (try TestHeader.make(.alert), try TestHeader.make(.tip))
        #expect(rules.decide(alert, from: desk, to: police) == .allowed(rule: "one"))
        #expect(rules.decide(alert, from: police, to: shelter) == .allowed(rule: "two"))
        #expect(rules.decide(alert, from: protection, to: police) == .denied(.senderRoleMaySendNone(.alert)))
        #expect(rules.decide(alert, from: desk, to: protection) == .denied(.recipientRoleMayReceiveNone(.alert)))
        #expect(rules.decide(alert, from: desk, to: shelter) == .denied(.pairNotAllowed(.alert)))
        #expect(rules.decide(tip, from: desk, to: police) == .denied(.noRuleForType(.tip)))
    }

    @Test(arguments: [MessageType.correlationSubmit, .correlationNotice])
    func `nothing is matched before an impact assessment is named`(type: MessageType) throws {
        let rules = [rule("one", type, [network.shelter], [network.police])]
        let (header, shelter, police) = (try TestHeader.make(type), network.shelter.listed, network.police.listed)
        #expect(
            policy(rules, dpia: nil).decide(header, from: shelter, to: police) == .denied(.noImpactAssessment(type)))
        #expect(policy(rules).decide(header, from: shelter, to: police) == .allowed(rule: "one"))
    }

    @Test func `a group lets its agencies pass whatever their roles are, and nobody else`() throws {
        let pilot = try #require(GroupName("pilot"))
        let group = Policy.Rule(
            id: "pilot", type: .tip, from: Parties(roles: [], groups: [pilot]),
            to: Parties(roles: [network.police.role]), basis: "test")
        let rules = policy([group], groups: [pilot: [network.shelter.id]])
        let header = try TestHeader.make(.tip)
        #expect(
            rules.decide(header, from: network.shelter.listed, to: network.police.listed) == .allowed(rule: "pilot"))
        let other = rules.decide(header, from: network.protection.listed, to: network.police.listed)
        #expect(other == .denied(.senderRoleMaySendNone(.tip)))
        let unknown = policy([group]).decide(header, from: network.shelter.listed, to: network.police.listed)
        #expect(unknown == .denied(.senderRoleMaySendNone(.tip)))
    }

    typealias Met = (
        Policy.Condition, members: KeyValuePairs<String, JSON>, others: KeyValuePairs<String, JSON>, asked: String
    )

    static let conditions: [@Sendable () -> Met] = [
        {
            (condition { $0.purposes = [.prevention] }, ["purpose": "PREVENTION"], ["purpose": "MONITORING"], "purpose")
        },
        { (condition { $0.audiences = [.everybody] }, ["audience": "public"], ["audience": "internal"], "audience") },
        { (condition { $0.audiences = [.everybody] }, ["audience": "public"], [:], "audience") },
        { (condition { $0.highestClass = .p1 }, ["privacy": "P1"], ["privacy": "P2"], "privacy") },
        { (condition { $0.asksForRiskOnly = true }, ["riskOnly": true], [:], "riskOnly") },
        { (condition { $0.modes = [.transfer] }, ["mode": "transfer"], ["mode": "referral"], "mode") },
        { (condition { $0.modes = [.transfer] }, ["mode": "transfer"], [:], "mode") },
    ]

    private static func condition(_ change: (inout Policy.Condition) -> Void) -> Policy.Condition {
        var condition = Policy.Condition()
        change(&condition)
        return condition
    }

    @Test(arguments: conditions.indices)
    func `a rule with a condition allows what meets it, and says of the rest that it does not`(index: Int) throws {
        let (condition, members, others, asked) = Self.conditions[index]()
        var rule = rule("if", .referral, [network.protection], [network.shelter])
        rule.condition = condition
        let rules = policy([rule])
        let (from, to) = (network.protection.listed, network.shelter.listed)
        #expect(try rules.decide(TestHeader.make(.referral, members), from: from, to: to) == .allowed(rule: "if"))
        let refused = try rules.decide(TestHeader.make(.referral, others), from: from, to: to)
        #expect(refused == .denied(.conditionNotMet(.referral, members: [asked])))
    }

    @Test func `a recipient may take less than the policy lets it, and never more`() throws {
        let rules = policy([rule("one", .tip, [network.shelter, network.immigration], [network.police])])
        let header = try TestHeader.make(.tip)
        let partners = try #require(GroupName("partners"))
        var police = network.police.listed
        police.groups = [partners: [network.shelter.id]]
        police.accepts = [.tip: Parties(roles: [network.protection.role], groups: [partners])]
        #expect(rules.decide(header, from: network.shelter.listed, to: police) == .allowed(rule: "one"))
        let narrowed = rules.decide(header, from: network.immigration.listed, to: police)
        #expect(narrowed == .denied(.recipientTakesLess(.tip)))
        let widened = rules.decide(header, from: network.protection.listed, to: police)
        #expect(widened == .denied(.senderRoleMaySendNone(.tip)))
        police.accepts = [.tip: Parties(roles: [])]
        #expect(rules.decide(header, from: network.shelter.listed, to: police) == .denied(.recipientTakesLess(.tip)))
        police.accepts = [.alert: Parties(roles: [])]
        #expect(rules.decide(header, from: network.shelter.listed, to: police) == .allowed(rule: "one"))
    }
}
