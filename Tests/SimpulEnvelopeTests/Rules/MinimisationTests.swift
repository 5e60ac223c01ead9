import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// The rules about what travels.
@Suite struct MinimisationTests {
    let catalogue: SchemaCatalogue

    init() throws { catalogue = try SchemaCatalogue() }

    private static func withholding(
        _ scopes: JSON, in example: String, _ changes: KeyValuePairs<String, JSON?> = [:]
    ) throws -> RuleDocument {
        var document = try RuleDocument(example: example)
        try document.put(scopes, at: "/body/consent/withheld")
        try document.put([], at: "/body/consent/scope")
        for change in changes { try document.put(change.value, at: change.key) }
        return document
    }

    @Test(arguments: [
        ("age", ["/body/person/age", "/body/person/ageBasis"]), ("safety", ["/body/risk"]),
        ("contact", ["/body/person/safeContact/phone"]), ("medicalFindings", ["/body/person/specialNeeds/1"]),
        ("identity", ["/body/person/displayName", "/body/person/identifiers"]),
        ("immigrationStatus", ["/body/person/identifiers/1"]), ("legalCase", []), ("location", []),
        ("exploitationDetail", []), ("travel", []), ("psychosocialNeed", []), ("reintegrationNeed", []),
    ])
    func `what a person withheld is not in a referral`(scope: String, places: [String]) throws {
        let document = try Self.withholding(
            [.string(scope)], in: "referral/full",
            [
                "/header/purpose": "CRIMINAL_PROCEEDINGS", "/header/status": "Test",
                "/body/person/safeContact/phone": "+62000000001",
                "/body/person/specialNeeds": ["FemaleStaffOnly", "Medication"],
                "/body/person/identifiers": [
                    ["kind": "NIK", "value": "1709066102080000"], ["kind": "PASSPORT", "value": "X0000000"],
                ],
            ])
        #expect(try document.schemaFaults(catalogue).isEmpty)
        #expect(Set(try document.ruleFaults().map(\.pointer)) == Set(places))
    }

    @Test(arguments: [
        ("identity", ["/body/person/names", "/body/person/birthDate", "/body/person/identifiers"]),
        ("age", ["/body/person/birthDate", "/body/person/ageBand", "/body/person/ageBasis"]),
        ("location", ["/body/to/KEMENDAGRI"]), ("exploitationDetail", ["/body/exploitation"]),
        (
            "safety",
            [
                "/body/riskAssessment/level", "/body/riskAssessment/factors",
                "/body/riskAssessment/reRecruitmentRisk",
            ]
        ),
        ("travel", ["/body/route"]), ("reintegrationNeed", ["/body/reintegration"]), ("medicalFindings", []),
        ("contact", []), ("immigrationStatus", []), ("legalCase", []), ("psychosocialNeed", []),
    ])
    func `what a person withheld is not in a return`(scope: String, places: [String]) throws {
        let document = try Self.withholding([.string(scope)], in: "return/full")
        #expect(try document.schemaFaults(catalogue).isEmpty)
        #expect(Set(try document.ruleFaults().map(\.pointer)) == Set(places))
        #expect(try document.ruleFaults(isSealed: true).isEmpty)
    }

    @Test(arguments: [
        RuleCase("referral/full", ["/body/consent/withheld/1": "psychosocialNeed"], breaks: "/body/consent/withheld/1"),
        RuleCase(
            "return/full", ["/body/consent/withheld": ["legalCase"], "/body/consent/scope": ["legalCase"]],
            breaks: "/body/consent/withheld/0"),
        RuleCase(
            "referral/full",
            [
                "/body/consent/withheld": ["identity"], "/body/consent/scope": ["age"],
                "/body/person/displayName": "P1",
            ]),
        RuleCase("return/full", ["/header/purpose": "SERVICE_PROVISION"], breaks: "/body/person/identifiers"),
        RuleCase("return/full", ["/header/purpose": "VICTIM_SAFETY", "/body/person/identifiers": []]),
        RuleCase("return/full", ["/header/purpose": "CIVIL_REGISTRATION"]),
        RuleCase("return/full", ["/header/purpose": "CRIMINAL_PROCEEDINGS"]),
        RuleCase(
            "referral/full",
            [
                "/header/status": "Test",
                "/body/person/identifiers":
                    [["kind": "NIK", "value": "1709066102080000"]],
            ], breaks: "/body/person/identifiers"),
    ])
    func `consent is of one mind, and documents have a purpose`(_ example: RuleCase) throws {
        try example.check("R-05", catalogue)
    }

    @Test(arguments: ["AMBER", "GREEN", "CLEAR"], ["P3", "P4"])
    func `what endangers somebody is not to be passed on`(label: String, privacy: String) throws {
        let changes: KeyValuePairs<String, JSON?> = [
            "/header/tlp": .string(label), "/header/privacy": .string(privacy),
        ]
        try RuleCase("alert/minimal", changes, breaks: "/header/tlp", isSealed: true).check("R-06", catalogue)
        try RuleCase("outcome/minimal", changes, breaks: "/header/tlp").check("R-06", catalogue)
        try RuleCase("outcome/minimal", ["/header/tlp": .string(label), "/header/privacy": "P2"]).check(
            "R-06", catalogue)
    }

    @Test(arguments: [
        RuleCase("referral/full", ["/body/person/specialNeeds": ["SignLanguage"]], breaks: "/body/interpreter"),
        RuleCase("referral/full", ["/body/person/specialNeeds": ["SignLanguage"], "/body/interpreter": true]),
        RuleCase("referral/full", ["/body/person/specialNeeds": ["WheelchairAccess"], "/body/consent/by": "other"]),
        RuleCase(
            "referral/full",
            [
                "/body/person/specialNeeds": ["WheelchairAccess"], "/body/consent/by": "other",
                "/body/consent/guardianBasis": "None", "/header/legalBasis": "PDP20-2c",
            ], breaks: "/body/consent/by"),
        RuleCase(
            "referral/full",
            [
                "/body/person/specialNeeds": ["WheelchairAccess"], "/body/consent/by": "other",
                "/body/consent/guardianBasis": "None", "/header/legalBasis": "PDP20-2d",
            ]),
        RuleCase("referral/full", ["/body/consent/by": "other", "/body/consent/guardianBasis": "None"]),
    ])
    func `a person with a disability is heard`(_ example: RuleCase) throws {
        try example.check("R-12", catalogue)
    }

    @Test(arguments: [
        RuleCase(
            "return/full", ["/header/crossBorder": "outbound", "/body/transferBasis": nil],
            breaks: "/body/transferBasis"),
        RuleCase("info-request/full", ["/body/transferBasis": nil], breaks: "/body/transferBasis"),
        RuleCase("info-response/full", ["/body/transferBasis": nil], breaks: "/body/transferBasis"),
        RuleCase("info-request/full", ["/body/transferBasis": nil, "/header/crossBorder": "inbound"]),
        RuleCase("info-request/full", ["/body/transferBasis": nil], isSealed: true),
        RuleCase("info-request/full", ["/body/transferBasis": "CONSENT"], breaks: "/header/consentRef"),
        RuleCase("info-request/full", ["/body/transferBasis": "CONSENT", "/header/consentRef": "C-0000"]),
    ])
    func `data leaves the country on a ground`(_ example: RuleCase) throws {
        try example.check("R-24", catalogue)
    }

    @Test(arguments: [
        RuleCase(
            "return/full", ["/body/person/identifiers/0/value": "1709061102980001"],
            breaks: "/body/person/identifiers/0/value"),
        RuleCase(
            "return/full", ["/body/person/identifiers/2/value": "X0000001", "/header/status": "Exercise"],
            breaks: "/body/person/identifiers/2/value"),
        RuleCase(
            "return/full", ["/header/status": "Actual"], breaks: "/body/person/identifiers/0/value",
            "/body/person/identifiers/1/value", "/body/person/identifiers/2/value"),
        RuleCase(
            "return/full",
            [
                "/header/status": "Actual",
                "/body/person/identifiers":
                    [["kind": "NIK", "value": "1709061102980001"]],
            ]),
        RuleCase("return/full", ["/header/status": "Exercise"]),
        RuleCase("return/full", ["/body/note": "CONTOH FIKTIF. NIK 1709061102980001."], breaks: "/body/note"),
        RuleCase("return/full", ["/body/note": "CONTOH FIKTIF. NIK 1709061102980000."]),
        RuleCase(
            "return/full", ["/body/person/names/1/text": "1709 0611 0298 0001"],
            breaks: "/body/person/names/1/text"),
    ])
    func `an exercise holds nothing real, and what is actual nothing invented`(_ example: RuleCase) throws {
        try example.check("R-28", catalogue)
    }
}
