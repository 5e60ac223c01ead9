import JOSE
import SimpulBroker
import SimpulCore
import StrictYAML
import Testing

@testable import SimpulConfiguration

@Suite struct PolicyFileTests {
    private static let rule = "{ id: a, type: alert, from: [IMM], to: [POL], basis: x }"
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
                "version: 1\nrules:\n- { id: A, type: rumour, from: [imm], to: [], basis: \"\", when: now }",
                [
                    "p.yaml:3:9: expected 1 to 64 of a-z, 0-9 and -",
                    "p.yaml:3:18: expected one of \(types)",
                    "p.yaml:3:33: expected a role: 2 to 16 capital letters, such as POL",
                    "p.yaml:3:43: expected 1 to 32 elements",
                    "p.yaml:3:54: a value is missing",
                    "p.yaml:3:58: this key is not known; known here: basis, from, id, to, type",
                ]
            ),
        ])
    func `every fault of a rule is reported with its place`(_ text: String, _ expected: [String]) {
        let (policy, faults) = read(text)
        #expect(faults == expected)
        #expect(policy == nil || !faults.isEmpty)
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
