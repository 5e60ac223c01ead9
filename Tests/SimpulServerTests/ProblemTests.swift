import SimpulBroker
import SimpulCore
import Testing

@testable import SimpulServer

@Suite struct ProblemTests {
    private let detail = LocalizedText("Do this.", "Lakukan ini.")

    @Test(arguments: ErrorCode.allCases)
    func `every code has its golden document in English`(code: ErrorCode) throws {
        let problem = Problem(Refusal(code, at: .validate, detail))
        let golden = try #require(GoldenProblems.english[code])
        #expect(problem.json(.english, trace: "00ff").text == golden)
    }

    @Test func `the language changes the texts and nothing else`() {
        let problem = Problem(Refusal(.leaseExpired, at: .deliver, detail))
        #expect(
            problem.json(.indonesian, trace: "00ff").text
                == #"{"type":"urn:simpul:error:lease-expired","title":"Masa sewa sudah berakhir","status":409,"#
                + #""detail":"Lakukan ini.","code":"lease-expired","stage":"deliver","temporary":false,"trace":"00ff"}"#
        )
    }

    @Test func `a conflict shows both digests and a recorded refusal its receipt`() throws {
        let (stored, submitted) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        let conflict = DigestConflict(
            stored: try #require(Digest("sha-256:\(stored)")), submitted: try #require(Digest("sha-256:\(submitted)")))
        let refusal = Refusal(.idConflict, at: .store, detail, conflict: conflict)
        let json = Problem(refusal, receipt: Receipt(token: Array("a.b.c".utf8))).json(.english, trace: "00ff")
        #expect(json["stored"] == .string("sha-256:\(stored)"))
        #expect(json["submitted"] == .string("sha-256:\(submitted)"))
        #expect(json["receipt"] == "a.b.c")
    }

    @Test func `faults of a schema become errors with their places`() {
        let fault = DocumentFault(pointer: "/body/x", keyword: "maxLength", detail: detail)
        let json = Problem(Refusal(.schemaInvalid, at: .validate, detail, faults: [fault])).json(.english, trace: "")
        #expect(json["errors"]?.text == #"[{"pointer":"/body/x","keyword":"maxLength","detail":"Do this."}]"#)
    }

    @Test func `a busy or broken store is temporary and an unknown error internal`() {
        struct Unknown: Error { let secret = "CONTOH FIKTIF" }
        #expect(Problem(of: StoreError(.busy, "full")).code == .storageUnavailable)
        #expect(Problem(of: StoreError(.unavailable, "disk")).code == .storageUnavailable)
        #expect(Problem(of: StoreError(.corrupt, "page")).code == .internalError)
        #expect(Problem(of: CancellationError()).code == .draining)
        let unknown = Problem(of: Unknown())
        #expect(unknown.code == .internalError)
        #expect(unknown.cause == "Unknown")
        #expect(Problem(of: Refusal.notFound).code == .notFound)
    }

    @Test func `operator texts stay out of the document`() {
        let problem = Problem(
            Refusal(.policyDenied, at: .authorize, detail, diagnosis: "for the log"), cause: "also for the log")
        #expect(!problem.json(.english, trace: "").text.contains("for the log"))
    }
}
