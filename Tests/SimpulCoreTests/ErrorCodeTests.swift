import SimpulCore
import Testing

@Suite struct ErrorCodeTests {
    /// The codes of the wire contract; a code that changes its status breaks clients.
    static let contract: [(status: Int, codes: [String])] = [
        (400, ["not-jose", "parameter-refused", "algorithm-refused", "inflate-failed", "json-invalid"]),
        (400, ["bundle-invalid", "bundle-incomplete"]), (422, ["bundle-foreign", "bundle-seal", "courier-key"]),
        (401, ["agency-inactive"]),
        (403, ["signer-unknown", "signature-invalid", "sender-mismatch", "policy-denied", "role-denied"]),
        (404, ["not-found"]), (405, ["method-not-allowed"]),
        (409, ["id-conflict", "lease-expired", "delivery-state", "offset-mismatch"]),
        (413, ["too-large"]), (415, ["media-type"]), (416, ["range-unsatisfiable"]),
        (
            422,
            [
                "schema-unknown", "schema-invalid", "time-invalid", "wrong-hub", "recipient-unknown", "must-be-sealed",
                "seal-recipients", "attachment-missing", "digest-mismatch", "lifecycle", "consent",
                "rule",
            ]
        ),
        (429, ["quota"]), (500, ["internal-error"]), (503, ["draining", "storage-unavailable"]),
    ]

    @Test func `every code has the status of the contract, and no code is outside of it`() {
        let expected = Self.contract.flatMap { entry in entry.codes.map { "\($0) \(entry.status)" } }
        #expect(Set(ErrorCode.allCases.map { "\($0.rawValue) \($0.status)" }) == Set(expected))
    }

    @Test(arguments: ErrorCode.allCases)
    func `a code is temporary exactly where waiting may help`(code: ErrorCode) {
        #expect(code.isTemporary == [429, 500, 503].contains(code.status))
    }

    @Test(arguments: ErrorCode.allCases)
    func `a code has a title in both languages`(code: ErrorCode) {
        #expect(!code.title.english.isEmpty && !code.title.indonesian.isEmpty)
        #expect(code.title.english != code.title.indonesian)
    }
}

@Suite struct LanguageTests {
    @Test(arguments: [
        (nil, Language.english), ("", .english), ("fr", .english), ("id", .indonesian), ("id-ID,en;q=0.5", .indonesian),
        ("en, id;q=0.9", .english), ("id;q=0.2, en;q=0.8", .english), ("fr, id;q=0.1", .indonesian),
    ])
    func `the better of the two languages answers`(field: String?, language: Language) {
        #expect(Language(acceptLanguage: field) == language)
    }
}
