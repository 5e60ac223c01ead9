import JOSE
import SimpulBroker
import SimpulCore
import StrictYAML
import Testing

@testable import SimpulConfiguration

@Suite struct PolicyFileTests {
    private static let rule = "{ id: a, type: alert, from: [IMM], to: [POL], basis: x }"
    private static let purposes = Header.Purpose.allCases.map(\.rawValue).joined(separator: ", ")
    private static let types = MessageType.allCases.map(\.rawValue).joined(separator: ", ")

    @Test(
        arguments: [
            ("rules: []", ["p.yaml:1:1: the key version is missing here"]),
            ("version: 2\nrules: []", ["p.yaml:1:10: expected a number from 1 to 1"]),
            ("version: 1", ["p.yaml:1:1: the key rules is missing here"]),
            ("version: 1\napprovers: [id-1709.a]\nrules: []", ["p.yaml:2:12: expected 2 to 16 elements"]),
            (
                "version: 1\napprovers: [id-1709.a, id-1709.a]\nrules: []",
                ["p.yaml:2:24: this agency is there twice"]
            ),
            ("version: 1\napprovers: [id-1709.a, POL]\nrules: []", ["p.yaml:2:24: expected an agency id"]),
            (
                "version: 1\nrules:\n- \(rule)\n- \(rule)",
                ["p.yaml:4:9: another rule has this id"]
            ),
            (
                "version: 1\nrules:\n- { id: A, type: rumour, from: [imm], to: [], basis: \"\", if: now }",
                [
                    "p.yaml:3:9: expected 1 to 64 of a-z, 0-9 and -",
                    "p.yaml:3:18: expected one of \(types)",
                    "p.yaml:3:33: expected a role (2 to 16 capital letters, such as POL), or a group such as @pilot",
                    "p.yaml:3:43: expected 1 to 32 elements",
                    "p.yaml:3:54: a value is missing",
                    "p.yaml:3:58: this key is not known; known here: basis, from, id, to, type, when",
                ]
            ),
            (
                """
                version: 1
                dpia: DPIA-26-02
                groups: { Pilot: [id-1709.a], pilot: [nobody], none: [] }
                rules:
                - { id: a, type: tip, from: ["@pilot", "@other"], to: [POL], basis: x, when: {} }
                - { id: b, type: tip, from: [POL], to: [POL], basis: x, when: { purpose: [FUN], mood: good } }
                - { id: c, type: tip, from: [POL], to: [POL], basis: x, when: { riskOnly: false, privacyAtMost: P9 } }
                """,
                [
                    "p.yaml:2:7: expected a reference such as DPIA-2026-02",
                    "p.yaml:3:11: a group is called by 1 to 32 of a-z, 0-9 and -",
                    "p.yaml:3:39: expected an agency id",
                    "p.yaml:3:54: expected 1 to 1000 elements",
                    "p.yaml:5:40: no group of this name is defined",
                    "p.yaml:5:78: a condition without a key: leave 'when' out",
                    "p.yaml:6:75: expected one of \(purposes)",
                    "p.yaml:6:81: this key is not known; known here: audience, mode, privacyAtMost, purpose, riskOnly",
                    "p.yaml:7:75: expected true: leave the key out otherwise",
                    "p.yaml:7:97: expected a class from P0 to P4",
                ]
            ),
        ])
    func `every fault of a rule is reported with its place`(_ text: String, _ expected: [String]) {
        let (policy, faults) = read(text)
        #expect(faults == expected)
        #expect(policy == nil || !faults.isEmpty)
    }

    @Test func `groups and conditions are read`() throws {
        let (policy, faults) = read(
            """
            version: 1
            dpia: DPIA-2026-02
            groups: { pilot: [id-1709.a, id-1709.b] }
            rules:
            - { id: a, type: tip, from: [POL, "@pilot"], to: [TF], basis: x, when: { purpose: [PREVENTION], riskOnly: true } }
            """)
        #expect(faults == [])
        let pilot = try #require(GroupName("pilot"))
        let read = try #require(policy)
        #expect(read.impactAssessment == "DPIA-2026-02" && read.groups[pilot]?.count == 2)
        let rule = try #require(read.rules.first)
        #expect(rule.from == Parties(roles: [try #require(Role("POL"))], groups: [pilot]))
        #expect(rule.condition.purposes == [.prevention] && rule.condition.asksForRiskOnly)
        #expect(rule.condition.modes == nil && rule.condition.highestClass == nil)
    }

    @Test func `an empty list of rules is a policy that refuses everything`() throws {
        let (policy, faults) = read("version: 1\nrules: []\n")
        #expect(faults.isEmpty)
        #expect(try #require(policy).rules.isEmpty)
    }

    @Test func `the digest is that of the file's octets`() throws {
        let text = "version: 1\nrules: [\(Self.rule)]\n"
        let (policy, _) = read(text)
        #expect(try #require(policy).digest.description == "sha-256:" + SHA256.hash(Array(text.utf8)).hex)
        #expect(try #require(policy).rules.map(\.id) == ["a"])
    }

    private func read(_ text: String) -> (Policy?, [String]) {
        let faults = YAMLFaults()
        let policy = PolicyFile.read(YAMLFile(path: "p.yaml", bytes: Array(text.utf8)), faults)
        return (policy, faults.sorted.map(\.description))
    }
}
