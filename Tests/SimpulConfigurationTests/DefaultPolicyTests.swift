import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import StrictYAML
import Testing

@testable import SimpulConfiguration

/// Every cell of role × type × direction of a new hub's policy, against the table that the parties agreed on.
@Suite struct DefaultPolicyTests {
    /// Who sends (S) and receives (R) what. An asterisk: under a condition only.
    private static let matrix = """
                    alert tip screening referral status evidence legal return info activity bulletin correlation feedback
        IMM         SR    SR  S         S        SR     SR       -     SR     SR   S        SR       SR          -
        POL         SR    R   SR        SR       SR     SR       S     -      SR   S        SR       SR          -
        TF          R     SR  -         -        SR     -        -     -      R    SR       SR       -           R
        UPTD        SR    SR  SR        SR       SR     -        R     SR     SR   S        R        SR          S
        SOC         SR    -   -         SR       SR     -        -     SR     SR   S        R        -           -
        HLT         S     -   S         SR       SR     S        -     -      SR   S        R        -           -
        NGO         SR    S   SR        SR       SR     -        R     -      SR   S        R        SR          S
        LAB         SR    S   S         SR       SR     R        -     SR     SR   S        SR       SR          -
        FACILITATOR -     S   -         S*       R      -        -     -      -    S        R        -           S
        PROS        -     -   -         -        -      SR       S     -      SR   -        R        -           -
        CRT         -     -   -         -        -      SR       S     -      SR   -        R        -           -
        LPSK        -     -   -         R        S      SR       -     -      SR   -        R        -           -
        IO          -     -   -         R        SR     -        -     SR     SR   S        R        -           -
        CONS        SR    -   -         -        SR     -        -     SR     SR   -        R        -           -
        MEDIA       -     -   -         -        -      -        -     -      -    -        R*       -           -
        EDU         -     -   -         -        -      -        -     -      -    -        -        -           -
        CIV         -     -   -         -        -      -        -     -      -    -        -        -           -
        BROKER      -     -   -         -        -      -        -     -      -    -        -        -           -
        AUDIT       -     -   -         -        -      -        -     -      -    -        -        -           -
        """

    /// The types that the table above does not have.
    private static let others = """
                    consent correction directory incident conference
        IMM         SR      SR         SR        SR       SR
        POL         SR      SR         SR        SR       SR
        TF          -       SR         SR        SR       -
        UPTD        SR      SR         SR        SR       SR
        SOC         SR      SR         SR        SR       SR
        HLT         SR      SR         SR        SR       SR
        NGO         SR      SR         SR        SR       SR
        LAB         SR      SR         SR        SR       SR
        FACILITATOR -       SR         R         SR       -
        PROS        -       SR         R         SR       SR
        CRT         -       SR         R         SR       -
        LPSK        SR      SR         SR        SR       SR
        IO          SR      SR         SR        SR       SR
        CONS        SR      SR         R         SR       SR
        MEDIA       -       -          -         -        -
        EDU         -       -          -         -        -
        CIV         -       -          -         -        -
        BROKER      R       -          -         SR       -
        AUDIT       -       -          -         SR       -
        """

    private static let columns: [String: [MessageType]] = [
        "alert": [.alert], "tip": [.tip], "screening": [.screening], "referral": [.referral],
        "status": [.referralStatus, .outcome], "evidence": [.evidenceNotice], "legal": [.legalProgress],
        "return": [.return], "info": [.infoRequest], "activity": [.activityReport], "bulletin": [.bulletin],
        "feedback": [.feedback], "consent": [.consent], "correction": [.amendment, .withdrawal, .recall],
        "directory": [.directory], "incident": [.securityIncident], "conference": [.caseConference],
    ]

    private struct Cells {
        var roles: [String] = []
        var cells: [String: [MessageType: String]] = [:]

        /// Reads a table; what a column is about is given by its name.
        mutating func read(_ table: String) {
            let lines = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            for line in lines.dropFirst() {
                if !roles.contains(line[0]) { roles.append(line[0]) }
                for (column, cell) in zip(lines[0], line.dropFirst()) { set(line[0], column, cell) }
            }
        }

        private mutating func set(_ role: String, _ column: String, _ cell: String) {
            for type in DefaultPolicyTests.columns[column] ?? [] { cells[role, default: [:]][type] = cell }
            // Who may be asked answers, and who may ask is answered.
            let turned = ["S": "R", "R": "S"]
            if column == "info" { cells[role, default: [:]][.infoResponse] = turned[cell] ?? cell }
        }

        func has(_ letter: Character, _ role: String, _ type: MessageType) -> Bool {
            cells[role]?[type]?.contains(letter) ?? false
        }

        func isConditional(_ role: String, _ type: MessageType) -> Bool { has("*", role, type) }
    }

    private static let expected: Cells = {
        var cells = Cells()
        cells.read(matrix)
        cells.read(others)
        return cells
    }()

    /// What matches is between the broker and these, and between nobody else.
    private static let matching = ["IMM", "POL", "UPTD", "NGO", "LAB"]

    private static func isExpected(_ type: MessageType, _ from: String, _ to: String) -> Bool {
        switch type {
        case .correlationSubmit: matching.contains(from) && to == "BROKER"
        case .correlationNotice:
            matching.contains(from) && to == "BROKER" || from == "BROKER" && matching.contains(to)
        default: expected.has("S", from, type) && expected.has("R", to, type)
        }
    }

    @Test func `two agencies of different hands approve changes, the task force and a shelter`() throws {
        let approvers = try policy(dpia: false).approvers
        let roles = approvers.map { id in NewAgency.all.first { $0.id == id }?.role }
        #expect(roles == ["TF", "NGO"])
    }

    @Test(arguments: MessageType.allCases)
    func `every pair of roles may do what the table says, and nothing else`(type: MessageType) throws {
        let policy = try policy(dpia: true)
        let (plain, met) = (try TestHeader.make(type), try metHeader(type))
        for from in Self.expected.roles {
            for to in Self.expected.roles {
                let isExpected = Self.isExpected(type, from, to)
                let isConditional = Self.expected.isConditional(from, type) || Self.expected.isConditional(to, type)
                let (sender, recipient) = (try agency(from), try agency(to))
                #expect(
                    isAllowed(policy.decide(plain, from: sender, to: recipient)) == (isExpected && !isConditional),
                    "\(from) → \(to)")
                #expect(
                    isAllowed(policy.decide(met, from: sender, to: recipient)) == isExpected, "\(from) → \(to), met")
            }
        }
    }

    @Test func `the table has every role and every type`() {
        #expect(Self.expected.roles.count == 19)
        let types = MessageType.allCases.filter { $0 != .correlationSubmit && $0 != .correlationNotice }
        for role in Self.expected.roles {
            #expect(Self.expected.cells[role].map { Set($0.keys) } == Set(types), "\(role)")
        }
    }

    @Test(arguments: [MessageType.correlationSubmit, .correlationNotice])
    func `nothing is matched until an assessment is named`(type: MessageType) throws {
        let policy = try policy(dpia: false)
        let header = try TestHeader.make(type)
        let decision = policy.decide(header, from: try agency("BROKER"), to: try agency("UPTD"))
        #expect(decision == .denied(.noImpactAssessment(type)))
    }

    @Test func `every rule names the law that it stands on`() throws {
        #expect(try policy(dpia: false).rules.allSatisfy { $0.basis.contains("UU ") || $0.basis.contains("Per") })
    }

    private func isAllowed(_ decision: PolicyDecision) -> Bool {
        if case .allowed = decision { true } else { false }
    }

    /// A header that meets the condition of the type's rules.
    private func metHeader(_ type: MessageType) throws -> Header {
        switch type {
        case .referral: try TestHeader.make(type, ["riskOnly": true])
        case .bulletin: try TestHeader.make(type, ["audience": "public"])
        default: try TestHeader.make(type)
        }
    }

    private func policy(dpia: Bool) throws -> Policy {
        let faults = YAMLFaults()
        let text = DefaultPolicy.text.replacing(dpia ? "# dpia:" : "# nothing:", with: "dpia:")
        let policy = PolicyFile.read(YAMLFile(path: "policy.yaml", bytes: Array(text.utf8)), faults)
        #expect(faults.sorted.map(\.description) == [])
        return try #require(policy)
    }

    private func agency(_ role: String) throws -> Agency {
        Agency(
            id: try #require(AgencyID("id-1709.x")), name: LocalizedText("", ""), roles: [try #require(Role(role))],
            certificates: [])
    }
}
