import SimpulCore
import Testing

@testable import SimpulClient

@Suite struct ProblemDocumentTests {
    private static let good = """
        {"type":"urn:simpul:error:schema-invalid","title":"t","status":422,"detail":"d","code":"schema-invalid",\
        "stage":"validate","temporary":false,"trace":"x1","receipt":"a.b.c","later":{"x":1},\
        "errors":[{"pointer":"/body/stage","keyword":"enum","detail":"no"}]}
        """

    @Test(arguments: [
        ("\"code\":\"schema-invalid\"", "\"code\":\"policy-denied\""), ("\"status\":422", "\"status\":403"),
        ("\"temporary\":false", "\"temporary\":\"no\""), ("\"title\":\"t\",", ""),
        ("\"keyword\":\"enum\",", ""), ("schema-invalid", "Schema<script>"), ("{\"type\"", "{\"code\":1,\"type\""),
    ])
    func `what contradicts itself or lacks a member is no problem document`(part: String, other: String) {
        let text = Self.good.replacing(part, with: other)
        #expect(text != Self.good)
        #expect(ProblemDocument(parsing: Array(text.utf8), status: 422) == nil)
    }

    @Test func `a problem is read with its faults and its receipt`() throws {
        let problem = try #require(
            ProblemDocument(parsing: Array(Self.good.utf8), status: 422, retryAfter: "30"))
        #expect(problem.code == "schema-invalid" && !problem.isTemporary && problem.retryAfter == 30)
        #expect(problem.faults.map(\.pointer) == ["/body/stage"])
        #expect(problem.receipt?.text == "a.b.c")
    }

    @Test(arguments: ["-1", "x", "999999999999", ""])
    func `a pause that makes no sense is passed over`(text: String) {
        #expect(ProblemDocument(parsing: Array(Self.good.utf8), status: 422, retryAfter: text)?.retryAfter == nil)
    }
}
