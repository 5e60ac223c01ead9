import SimpulBroker
import SimpulCore
import StrictYAML
import Testing

@testable import SimpulConfiguration

@Suite struct DefaultPolicyTests {
    @Test(
        arguments: [
            (MessageType.alert, "IMM", "POL", true), (.alert, "IMM", "UPTD", true), (.referral, "UPTD", "NGO", true),
            (.referral, "UPTD", "SOC", true), (.referralStatus, "NGO", "UPTD", true),
            (.referralStatus, "SOC", "UPTD", true), (.tip, "FACILITATOR", "TF", true),
            (.activityReport, "IMM", "TF", true), (.alert, "FACILITATOR", "POL", false),
            (.referral, "UPTD", "FACILITATOR", false), (.referral, "UPTD", "IMM", false),
            (.referral, "UPTD", "TF", false), (.tip, "IMM", "NGO", false), (.tip, "POL", "TF", false),
            (.activityReport, "TF", "IMM", false), (.alert, "IMM", "HLT", false),
        ])
    func `the default is the matrix`(_ type: MessageType, _ from: String, _ to: String, _ isAllowed: Bool) throws {
        let decision = try policy().decide(type, from: try agency(from), to: try agency(to))
        if case .allowed = decision { #expect(isAllowed) } else { #expect(!isAllowed) }
    }

    @Test(arguments: ["MEDIA", "PROS", "CRT"]) func `some roles take part in nothing`(_ role: String) throws {
        let rules = try policy().rules
        let role = try #require(Role(role))
        #expect(rules.allSatisfy { !$0.from.contains(role) && !$0.to.contains(role) && !$0.basis.isEmpty })
        #expect(rules.map(\.type) == [.alert, .tip, .referral, .referralStatus, .activityReport])
    }

    @Test func `two agencies of different hands approve changes, the task force and a shelter`() throws {
        let approvers = try policy().approvers
        let roles = approvers.map { id in NewAgency.all.first { $0.id == id }?.role }
        #expect(roles == ["TF", "NGO"])
    }

    private func policy() throws -> Policy {
        let faults = YAMLFaults()
        let file = YAMLFile(path: "policy.yaml", bytes: Array(DefaultPolicy.text.utf8))
        let policy = PolicyFile.read(file, faults)
        #expect(faults.sorted.map(\.description) == [])
        return try #require(policy)
    }

    private func agency(_ role: String) throws -> Agency {
        Agency(
            id: try #require(AgencyID("id-1709.x")), name: LocalizedText("", ""), roles: [try #require(Role(role))],
            certificates: [])
    }
}
