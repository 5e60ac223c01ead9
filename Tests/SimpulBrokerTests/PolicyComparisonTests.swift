import JOSE
import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

@Suite struct PolicyComparisonTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func policy(_ rules: [Policy.Rule]) -> Policy {
        Policy(rules: rules, digest: Digest(SHA256.hash([UInt8]())))
    }

    private func rule(_ type: MessageType, _ from: [TestAgency], _ to: [TestAgency]) -> Policy.Rule {
        Policy.Rule(
            id: "one", type: type, from: Parties(roles: Set(from.map(\.role))), to: Parties(roles: Set(to.map(\.role))),
            basis: "test")
    }

    private func tip(to recipients: [String], from sender: String = "id-1709.uptd-ppa") throws -> Header {
        try TestHeader.make(
            .tip, ["sender": .string(sender), "recipients": .array(recipients.map { .string($0) })])
    }

    @Test func `what both let pass, and what both refuse, is no change`() throws {
        let rules = [rule(.tip, [network.protection], [network.police])]
        var comparison = PolicyComparison(policy(rules), policy(rules), roster: try network.roster())
        comparison.add(try tip(to: ["id-1709.polres.ppa", "id-1709.ngo.rumah-aman"]))
        #expect(comparison.changes.isEmpty && comparison.messages == 1 && comparison.strangers == 0)
    }

    @Test func `each pair that is decided otherwise is counted`() throws {
        let old = policy([rule(.tip, [network.protection], [network.police])])
        let new = policy([rule(.tip, [network.protection], [network.shelter])])
        var comparison = PolicyComparison(old, new, roster: try network.roster())
        for _ in 1...3 { comparison.add(try tip(to: ["id-1709.polres.ppa"])) }
        comparison.add(try tip(to: ["id-1709.ngo.rumah-aman"]))
        #expect(comparison.changes.values.sorted() == [1, 3])
        let lost = try #require(comparison.changes.first { $0.value == 3 }?.key)
        #expect(lost.recipient == network.police.id && lost.sender == network.protection.id)
        #expect(lost.old == .allowed(rule: "one") && lost.new == .denied(.recipientRoleMayReceiveNone(.tip)))
    }

    @Test func `parties that the roster no longer has are counted and not judged`() throws {
        let rules = policy([rule(.tip, [network.protection], [network.police])])
        var comparison = PolicyComparison(rules, policy([]), roster: try network.roster())
        comparison.add(try tip(to: ["id-1709.gone"]))
        comparison.add(try tip(to: ["id-1709.polres.ppa"], from: "id-1709.gone"))
        #expect(comparison.changes.isEmpty && comparison.messages == 2 && comparison.strangers == 2)
    }

    @Test func `a table marks what only a condition lets pass`() throws {
        var conditional = rule(.tip, [network.shelter], [network.police])
        conditional.condition.asksForRiskOnly = true
        let pilot = try #require(GroupName("pilot"))
        let grouped = Policy.Rule(
            id: "two", type: .alert, from: Parties(roles: [], groups: [pilot]),
            to: Parties(roles: [network.police.role]), basis: "test")
        let matrix = PolicyMatrix(policy([conditional, rule(.tip, [network.protection], [network.police]), grouped]))
        #expect(matrix.parties == ["NGO", "POL", "UPTD", "@pilot"])
        #expect(matrix[.tip, "NGO"].text == "S*" && matrix[.tip, "UPTD"].text == "S")
        #expect(matrix[.tip, "POL"].text == "R" && matrix[.alert, "@pilot"].text == "S")
        #expect(matrix[.alert, "NGO"].text == "-" && matrix[.referral, "POL"].text == "-")
    }
}
