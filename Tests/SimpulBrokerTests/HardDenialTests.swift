import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// Each denial is asked of a policy that allows everything: no file lifts it.
@Suite struct HardDenialTests {
    private static let roles = [
        "IMM", "POL", "TF", "UPTD", "SOC", "HLT", "NGO", "LAB", "EDU", "CIV", "PROS", "CRT", "LPSK", "FACILITATOR",
        "IO",
        "CONS", "MEDIA", "BROKER", "AUDIT",
    ]

    private func decide(
        _ type: MessageType, _ members: KeyValuePairs<String, JSON>, from: String = "UPTD", to: String
    ) throws -> HardDenial? {
        let everybody = Parties(roles: Set(try Self.roles.map { try #require(Role($0)) }))
        let rules = MessageType.allCases.map {
            Policy.Rule(id: "all-\($0.rawValue)", type: $0, from: everybody, to: everybody, basis: "test")
        }
        let policy = Policy(rules: rules, impactAssessment: "DPIA-2026-02", digest: Digest(SHA256.hash([UInt8]())))
        switch try policy.decide(TestHeader.make(type, members), from: agency(from), to: agency(to)) {
        case .allowed: return nil
        case .denied(.never(let denial)): return denial
        case .denied(let other): throw UnexpectedDenial(text: other.text.english)
        }
    }

    private struct UnexpectedDenial: Error { let text: String }

    private func agency(_ role: String) throws -> Agency {
        Agency(
            id: try #require(AgencyID("id-1709.x")), name: LocalizedText("", ""), roles: [try #require(Role(role))],
            certificates: [])
    }

    @Test(arguments: ["P3", "P4"], ["MEDIA", "FACILITATOR"])
    func `identities never go to the media or to a facilitator`(privacy: String, role: String) throws {
        #expect(try decide(.outcome, ["privacy": .string(privacy)], to: role) == .identityToPublicRole)
        #expect(try decide(.outcome, ["privacy": "P2"], to: role) == nil)
    }

    @Test func `nothing sealed goes to the media, whatever its label says`() throws {
        let digest = JSON.string("sha-256:" + String(repeating: "0", count: 64))
        #expect(try decide(.bulletin, ["privacy": "P0", "bodyDigest": digest], to: "MEDIA") == .identityToPublicRole)
        #expect(try decide(.bulletin, ["privacy": "P0", "child": "presumed"], to: "MEDIA") == .identityToPublicRole)
        #expect(try decide(.bulletin, ["privacy": "P0"], to: "MEDIA") == nil)
        #expect(try decide(.referralStatus, ["privacy": "P2", "bodyDigest": digest], to: "FACILITATOR") == nil)
    }

    @Test(arguments: ["P3", "P4"]) func `identities never go into statistics`(privacy: String) throws {
        let members: KeyValuePairs<String, JSON> = ["privacy": .string(privacy), "purpose": "MONITORING"]
        #expect(try decide(.outcome, members, to: "TF") == .identityForStatistics)
        #expect(try decide(.outcome, members, to: "UPTD") == nil)
        #expect(try decide(.tip, ["privacy": .string(privacy), "purpose": "REPORT_INTAKE"], to: "TF") == nil)
    }

    @Test(arguments: ["P3", "P4"]) func `identities never go to more than five at once`(privacy: String) throws {
        let six = JSON.array((1...6).map { .string("id-1709.a\($0)") })
        let five = JSON.array((1...5).map { .string("id-1709.a\($0)") })
        #expect(try decide(.alert, ["privacy": .string(privacy), "recipients": six], to: "POL") == .broadcast)
        #expect(try decide(.alert, ["privacy": .string(privacy), "recipients": five], to: "POL") == nil)
        #expect(try decide(.alert, ["privacy": "P2", "recipients": six], to: "POL") == nil)
    }

    @Test func `a fallback counts as one of the five, because the body is sealed for it as well`() throws {
        let one = JSON.array([.string("id-1709.a6")])
        let five = JSON.array((1...5).map { .string("id-1709.a\($0)") })
        let four = JSON.array((1...4).map { .string("id-1709.a\($0)") })
        #expect(
            try decide(.alert, ["privacy": "P4", "recipients": five, "fallback": one], to: "POL") == .broadcast)
        #expect(try decide(.alert, ["privacy": "P4", "recipients": four, "fallback": one], to: "POL") == nil)
        #expect(try decide(.alert, ["privacy": "P4", "recipients": five, "fallback": five], to: "POL") == nil)
    }

    @Test(arguments: Header.Purpose.allCases)
    func `immigration gets a referral only to keep somebody safe or to bring them home`(purpose: Header.Purpose) throws
    {
        let denial = try decide(.referral, ["purpose": .string(purpose.rawValue)], to: "IMM")
        let isAllowed = purpose == .victimSafety || purpose == .repatriation
        #expect(denial == (isAllowed ? nil : .immigrationFirewall))
        #expect(try decide(.referral, ["purpose": .string(purpose.rawValue)], to: "NGO") == nil)
    }

    @Test(arguments: ["BROKER", "AUDIT"]) func `nothing is sealed to who operates or audits`(role: String) throws {
        #expect(try decide(.tip, ["privacy": "P4"], to: role) == .sealedToOperator)
        #expect(try decide(.tip, ["child": "presumed"], to: role) == .sealedToOperator)
        let digest = JSON.string("sha-256:" + String(repeating: "0", count: 64))
        #expect(try decide(.tip, ["bodyDigest": digest], to: role) == .sealedToOperator)
        #expect(try decide(.consent, ["child": "yes"], to: role) == nil)
    }

    @Test(arguments: ["BROKER", "AUDIT"]) func `who operates or audits is listed with no seal key`(role: String) throws
    {
        let network = try TestNetwork.shared.get()
        let faults = #expect(throws: RosterFaults.self) {
            try network.roster { $0.roles = [Role(role) ?? $0.roles.first ?? .broker] }
        }
        #expect(faults?.texts.count == network.agencies.count)
    }

    @Test func `what is red is not redirected`() throws {
        let redirected: KeyValuePairs<String, JSON> = ["state": "redirected", "tlp": "RED"]
        #expect(try decide(.referralStatus, redirected, to: "UPTD") == .redirectOfRed)
        #expect(try decide(.referralStatus, ["state": "redirected", "tlp": "AMBER"], to: "UPTD") == nil)
        #expect(try decide(.referralStatus, ["state": "rejected", "tlp": "RED"], to: "UPTD") == nil)
    }

    @Test(arguments: HardDenial.allCases) func `each is told in both languages, and named`(denial: HardDenial) {
        #expect(denial.rawValue.hasPrefix("never-"))
        #expect(denial.text.english.hasPrefix("never: ") && denial.text.indonesian.hasPrefix("tidak pernah: "))
        #expect(PolicyDenial.never(denial).keyword == denial.rawValue)
    }
}
