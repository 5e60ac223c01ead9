import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// R-27, and that header and body tell the same.
@Suite struct AgreementTests {
    let catalogue: SchemaCatalogue

    init() throws { catalogue = try SchemaCatalogue() }

    @Test(arguments: [
        RuleCase("alert/minimal", ["/header/agencyImplicated": true], breaks: "/header/recipients/0", isSealed: true),
        RuleCase("tip/agency-implicated", ["/header/recipients/1": "id-1709.uptd-ppa"], breaks: "/header/recipients/1"),
        RuleCase(
            "tip/agency-implicated", ["/header/fallback": ["id-1709.inspektorat", "id-1709.dinsos"]],
            breaks: "/header/fallback/1", isSealed: true),
        RuleCase("tip/agency-implicated", ["/header/recipients/1": "id-1709.inspektorat"]),
        RuleCase("tip/agency-implicated", ["/header/recipients/1": "id-1709.unknown"]),
        RuleCase("tip/agency-implicated", ["/header/agencyImplicated": nil], breaks: "/header/agencyImplicated"),
        RuleCase("alert/agency-implicated", ["/header/agencyImplicated": nil], breaks: "/header/agencyImplicated"),
        RuleCase("screening/agency-implicated", ["/header/agencyImplicated": nil], breaks: "/header/agencyImplicated"),
        RuleCase(
            "tip/agency-implicated", ["/body/implicates/1": "id-1709.gugus-tugas"], breaks: "/header/recipients/0"),
        RuleCase(
            "screening/agency-implicated",
            [
                "/body/implicates": ["id-17.gugus-tugas"],
                "/header/fallback": ["id-17.gugus-tugas"],
            ], breaks: "/header/fallback/0"),
        RuleCase(
            "feedback/complaint",
            [
                "/body/about": "id-1709.gugus-tugas",
                "/header/recipients": ["id-1709.gugus-tugas"],
            ], breaks: "/header/recipients"),
        RuleCase(
            "feedback/complaint",
            [
                "/body/about": "id-1709.dinsos",
                "/header/recipients": ["id-1709.dinsos", "id-1709.gugus-tugas"],
            ]),
        RuleCase(
            "security-incident/minimal",
            [
                "/header/agencyImplicated": true,
                "/header/recipients": ["id-1709.polres.ppa"],
            ], breaks: "/header/recipients/0"),
    ])
    func `an agency does not judge its own case`(_ example: RuleCase) throws {
        try example.check("R-27", catalogue)
    }

    @Test func `of a child whose alert implicates an agency, the protection unit hears nothing but the reason why`()
        throws
    {
        var document = try RuleDocument(example: "alert/agency-implicated")
        try document.put("yes", at: "/header/child")
        #expect(try document.ruleFaults().map(\.keyword) == ["R-08"])
        try document.put("CONFLICT_OF_INTEREST", at: "/header/uptdAbsence")
        #expect(try document.ruleFaults().isEmpty)
    }

    @Test(arguments: [
        RuleCase("outcome/full", ["/body/closureReason": nil], breaks: "/body/closureReason"),
        RuleCase("outcome/full", ["/header/state": "final"], breaks: "/body/closureReason"),
        RuleCase("referral-status/full", ["/header/state": "rejected"], breaks: "/body/rejectReason"),
        RuleCase("referral-status/full", ["/body/rejectReason": "NO_CAPACITY"], breaks: "/body/rejectReason"),
        RuleCase("evidence-notice/minimal", ["/header/action": "preservation-request"], breaks: "/body/preservation"),
        RuleCase("evidence-notice/preservation", ["/header/action": "notice"], breaks: "/body/items"),
        RuleCase("legal-progress/minimal", ["/header/milestone": "HEARING_DATE"], breaks: "/body/hearing"),
        RuleCase("legal-progress/minimal", ["/header/milestone": "VERDICT"], breaks: "/body/verdict"),
        RuleCase("legal-progress/minimal", ["/header/milestone": "RESTITUTION_DECIDED"], breaks: "/body/restitution"),
        RuleCase("legal-progress/minimal", ["/header/milestone": "RELEASE_OF_CONVICT"], breaks: "/body/release"),
        RuleCase("legal-progress/minimal", ["/header/milestone": "RELEASE_FROM_DETENTION"], breaks: "/body/release"),
        RuleCase("legal-progress/release", ["/header/milestone": "ARREST"], breaks: "/body/release"),
        RuleCase("legal-progress/hearing", ["/header/milestone": "P21"], breaks: "/body/hearing"),
        RuleCase("info-response/minimal", ["/header/state": "denied"], breaks: "/body/reason", "/body/answers"),
        RuleCase(
            "info-response/minimal", ["/header/state": "denied", "/body/answers": nil, "/body/reason": "NOT_HELD"]),
        RuleCase("info-response/minimal", ["/body/reason": "NOT_HELD"], breaks: "/body/reason"),
        RuleCase("info-response/full", ["/header/state": "granted"], breaks: "/body/answers"),
        RuleCase("info-response/minimal", ["/header/state": "partly"], breaks: "/body/answers"),
        RuleCase("case-conference/minimal", ["/header/action": "accept"], breaks: "/body/answer"),
        RuleCase("case-conference/minimal", ["/header/action": "decisions"], breaks: "/body/decisions"),
        RuleCase(
            "case-conference/decisions", ["/header/action": "invite"], breaks: "/body/decisions",
            "/body/invitation"),
        RuleCase("case-conference/decline", ["/body/answer/reason": nil], breaks: "/body/answer/reason"),
        RuleCase("amendment/answer-done", ["/header/state": "retained"], breaks: "/body/answer/result"),
        RuleCase("withdrawal/answer-restricted", ["/header/state": "done"], breaks: "/body/answer/result"),
        RuleCase("recall/answer-done", ["/header/state": "restricted"], breaks: "/body/answer/result"),
        RuleCase("recall/answer-done", ["/header/state": nil], breaks: "/body/answer"),
        RuleCase("amendment/minimal", ["/header/state": "done"], breaks: "/body/answer"),
        RuleCase("referral/full", ["/header/state": nil], isSealed: true),
    ])
    func `a state, milestone or action has its content`(_ example: RuleCase) throws {
        try example.check("agreement", catalogue)
    }

    @Test(arguments: [
        RuleCase("referral/full", ["/header/services/1": "food_service"], breaks: "/body/requested"),
        RuleCase("referral/full", ["/header/services": ["safehouse_service"]], breaks: "/body/requested"),
        RuleCase("referral-status/full", ["/header/services": ["safehouse_service"]], breaks: "/body/perService"),
        RuleCase("outcome/full", ["/header/services": ["safehouse_service"]], breaks: "/body/services"),
        RuleCase("outcome/full", ["/header/services": nil]),
        RuleCase("referral/full", ["/header/consentRef": "C-0001"], breaks: "/body/consent/id"),
        RuleCase("referral/full", ["/body/consent/id": nil]),
        RuleCase("return/full", ["/header/consentRef": "C-0001"], breaks: "/body/consent/id"),
        RuleCase("consent/full", ["/header/consentRef": "C-0001"], breaks: "/body/consentRef"),
        RuleCase("bulletin/full", ["/body/audience": "partners"], breaks: "/body/audience"),
        RuleCase("referral/prevention", ["/header/riskOnly": nil], breaks: "/body/riskOnly"),
        RuleCase("referral/prevention", ["/body/riskOnly": nil], breaks: "/body/riskOnly"),
        RuleCase("referral/prevention", ["/body/consent/scope": ["exploitationDetail"]], breaks: "/body/consent/scope"),
        RuleCase("referral/prevention", ["/header/statutory": "UU21-52"], breaks: "/header/statutory", isSealed: true),
    ])
    func `what stands in header and body is the same`(_ example: RuleCase) throws {
        try example.check("agreement", catalogue)
    }
}
