import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@Suite struct PolicyTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func policy(_ rules: [Policy.Rule]) -> Policy {
        Policy(rules: rules, digest: Digest(SHA256.hash([UInt8]())))
    }

    private func rule(_ id: String, _ type: MessageType, _ from: [TestAgency], _ to: [TestAgency]) -> Policy.Rule {
        Policy.Rule(id: id, type: type, from: Set(from.map(\.role)), to: Set(to.map(\.role)), basis: "test")
    }

    @Test(arguments: MessageType.allCases)
    func `an empty policy refuses every type and says that it has no rule for it`(type: MessageType) {
        let decision = policy([]).decide(type, from: network.immigration.listed, to: network.police.listed)
        #expect(decision == .denied(.noRuleForType(type)))
    }

    @Test func `each refusal names the rule that it missed`() {
        let rules = policy([
            rule("one", .alert, [network.immigration], [network.police]),
            rule("two", .alert, [network.police], [network.shelter]),
        ])
        let (desk, police) = (network.immigration.listed, network.police.listed)
        let (shelter, protection) = (network.shelter.listed, network.protection.listed)
        #expect(rules.decide(.alert, from: desk, to: police) == .allowed(rule: "one"))
        #expect(rules.decide(.alert, from: police, to: shelter) == .allowed(rule: "two"))
        #expect(rules.decide(.alert, from: protection, to: police) == .denied(.senderRoleMaySendNone(.alert)))
        #expect(rules.decide(.alert, from: desk, to: protection) == .denied(.recipientRoleMayReceiveNone(.alert)))
        #expect(rules.decide(.alert, from: desk, to: shelter) == .denied(.pairNotAllowed(.alert)))
        #expect(rules.decide(.tip, from: desk, to: police) == .denied(.noRuleForType(.tip)))
    }
}
