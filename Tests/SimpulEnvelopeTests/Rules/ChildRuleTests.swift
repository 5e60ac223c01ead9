import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// The rules about children.
@Suite struct ChildRuleTests {
    let catalogue: SchemaCatalogue

    init() throws { catalogue = try SchemaCatalogue() }

    @Test(arguments: [
        RuleCase("alert/minimal", ["/header/child": "yes"], breaks: "/header/recipients"),
        RuleCase("alert/minimal", ["/header/child": "presumed"], breaks: "/header/recipients", isSealed: true),
        RuleCase("alert/minimal", ["/header/child": "yes", "/header/uptdAbsence": "NO_UNIT_HERE"]),
        RuleCase("alert/minimal", ["/header/child": "yes", "/header/recipients/1": "id-1709.uptd-ppa"]),
        RuleCase("alert/minimal", ["/header/child": "yes", "/header/fallback": ["id-1709.uptd-ppa"]]),
        RuleCase("alert/minimal", ["/header/child": "yes", "/header/sender": "id-1709.uptd-ppa"]),
        RuleCase("alert/minimal", ["/header/child": "yes", "/header/recipients/0": "id-1709.unknown"]),
        RuleCase("alert/minimal", ["/header/child": "unknown"]),
        RuleCase("tip/minimal", ["/header/child": "yes"], breaks: "/header/recipients"),
        RuleCase(
            "screening/minimal", ["/header/child": "yes", "/header/sender": "id-1709.ngo.rumah-aman"],
            breaks: "/header/recipients"),
        RuleCase(
            "referral/minimal",
            [
                "/header/child": "presumed", "/header/sender": "id-1709.dinsos", "/header/priority": "URGENT_72H",
                "/header/urgency": "Expected",
            ],
            breaks: "/header/recipients", isSealed: true),
        RuleCase("outcome/minimal", ["/header/child": "yes", "/header/recipients/0": "id-1709.dinsos"]),
    ])
    func `a protection unit is a party where a child is concerned`(_ example: RuleCase) throws {
        try example.check("R-08", catalogue)
    }

    @Test(arguments: ["Future", "Past", "Unknown"], ["alert", "tip", "screening", "referral"])
    func `a child is a matter of now or soon`(urgency: String, type: String) throws {
        let changes: KeyValuePairs<String, JSON?> = [
            "/header/child": "presumed", "/header/sender": "id-1709.uptd-ppa", "/header/urgency": .string(urgency),
            "/header/priority": type == "referral" ? "URGENT_72H" : nil,
        ]
        try RuleCase("\(type)/minimal", changes, breaks: "/header/urgency").check("R-08", catalogue)
        try RuleCase("\(type)/minimal", changes, breaks: "/header/urgency", isSealed: true).check("R-08", catalogue)
    }

    @Test(arguments: [
        RuleCase("referral/full", ["/header/priority": "NORMAL_2W"], breaks: "/header/priority"),
        RuleCase("referral/full", ["/header/priority": "URGENT_72H"]),
        RuleCase("referral/full", ["/header/priority": "NORMAL_2W", "/header/kind": "Cancel"]),
        RuleCase("alert/full", ["/header/urgency": "Past", "/header/kind": "Cancel"]),
        RuleCase("alert/full", ["/header/urgency": "Past", "/header/event": "RESCUE_OUTCOME"]),
        RuleCase("alert/full", ["/header/urgency": "Past"], breaks: "/header/urgency"),
    ])
    func `a referral of a child does not wait two weeks, and what cancels or tells of a rescue may be past`(
        _ example: RuleCase
    ) throws {
        try example.check("R-08", catalogue)
    }

    @Test(arguments: [
        RuleCase("screening/full", ["/body/childBestInterest": nil], breaks: "/body/childBestInterest"),
        RuleCase(
            "screening/full", ["/body/childBestInterest": nil, "/body/step": "review"],
            breaks: "/body/childBestInterest"),
        RuleCase("screening/full", ["/body/childBestInterest": nil, "/body/step": "initial"]),
        RuleCase("screening/full", ["/body/childBestInterest": nil], isSealed: true),
    ])
    func `a full screening of a child looks at what is best for it`(_ example: RuleCase) throws {
        try example.check("R-08", catalogue)
    }

    @Test(arguments: [
        RuleCase(
            "screening/full",
            [
                "/body/palermo/meansRequired": true,
                "/body/childBestInterest/presumptionOfAge":
                    "rebutted",
            ], breaks: "/body/palermo/meansRequired"),
        RuleCase(
            "screening/full",
            [
                "/header/child": "no", "/body/childBestInterest/presumptionOfAge": "rebutted",
                "/body/palermo/meansRequired": true,
            ]),
        RuleCase("screening/full", ["/header/child": "no"], breaks: "/body/childBestInterest/presumptionOfAge"),
        RuleCase("screening/minimal", ["/body/profile": "ILO-CS"], breaks: "/body/profile"),
        RuleCase(
            "alert/minimal", ["/body/persons": [["ref": "P1", "role": "PresumedVictim", "ageBand": "15-17"]]],
            breaks: "/body/persons/0/ageBand"),
        RuleCase(
            "alert/minimal",
            [
                "/body/persons": [
                    ["ref": "P1", "role": "PresumedVictim", "ageBand": "24-30", "ageBasis": "disputed"],
                    ["ref": "P2", "role": "PresumedVictim", "ageBand": "18-23", "ageBasis": "presumed"],
                ]
            ], breaks: "/body/persons/1/ageBasis"),
        RuleCase(
            "referral/minimal", ["/header/child": "no", "/body/person/age": 17, "/body/person/ageBand": nil],
            breaks: "/body/person/age"),
        RuleCase(
            "referral/minimal",
            [
                "/header/child": "no", "/body/person/age": 18, "/body/person/ageBand": nil,
                "/body/person/ageBasis": "disputed",
            ], breaks: "/body/person/ageBasis"),
        RuleCase(
            "referral/minimal",
            [
                "/header/child": "no", "/body/person/age": 18, "/body/person/ageBand": nil,
                "/body/person/ageBasis": "documented",
            ]),
        RuleCase(
            "return/full", ["/body/person/birthDate": "2008-04-09", "/body/person/ageBand": nil],
            breaks: "/body/person/birthDate"),
        RuleCase("return/full", ["/body/person/birthDate": "2008-04-08", "/body/person/ageBand": nil]),
        RuleCase("return/full", ["/body/person/ageBand": "12-14"], breaks: "/body/person/ageBand"),
        RuleCase("tip/full", ["/body/affected/anyChild": "presumed"], breaks: "/body/affected/anyChild"),
        RuleCase("tip/full", ["/body/affected/anyChild": "presumed"], isSealed: true),
    ])
    func `the header does not say less of a child than the body`(_ example: RuleCase) throws {
        try example.check("R-09", catalogue)
    }

    @Test(arguments: [
        RuleCase("referral/full", ["/header/legalBasis": "PDP20-2a"], breaks: "/header/legalBasis"),
        RuleCase("referral/full", ["/header/legalBasis": "PDP20-2f"], breaks: "/header/legalBasis"),
        RuleCase("referral/full", ["/body/consent/assentOfChild": false], breaks: "/body/consent/assentOfChild"),
        RuleCase("referral/full", ["/body/consent/assentOfChild": nil], breaks: "/body/consent/assentOfChild"),
        RuleCase("referral/full", ["/body/consent/guardianBasis": "Parent"], breaks: "/body/consent/guardianBasis"),
        RuleCase(
            "referral/full", ["/body/consent/guardianBasis": "LegalGuardian", "/body/consent/by": "caregiver"],
            breaks: "/body/consent/guardianBasis"),
        RuleCase(
            "referral/full", ["/body/consent/guardianBasis": nil, "/body/consent/by": "caregiver"],
            breaks: "/body/consent/by"),
        RuleCase("referral/full", ["/body/consent/by": "caregiver"]),
        RuleCase("referral/full", ["/body/consent/guardianBasis": "Parent", "/body/caregiver/reason": "SafetyRisk"]),
        RuleCase("screening/full", ["/body/consent/guardian": "Parent"], breaks: "/body/consent/guardian"),
        RuleCase("screening/full", ["/body/consent/assentOfChild": false], breaks: "/body/consent/assentOfChild"),
        RuleCase("screening/full", ["/header/legalBasis": "PDP20-2a"], breaks: "/header/legalBasis"),
        RuleCase("screening/full", ["/body/consent": nil]),
    ])
    func `a suspected guardian decides nothing`(_ example: RuleCase) throws {
        try example.check("R-10", catalogue)
    }
}
