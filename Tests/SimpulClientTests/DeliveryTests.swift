import StrictJSON
import Testing

@testable import SimpulClient

@Suite struct DeliveryTests {
    private static let id = "019cb7bb-7c10-7b5a-8a5e-f372fe94f82a"

    private func answer(_ text: String) throws -> InboxAnswer? {
        InboxAnswer(try JSONDocument(Array(text.utf8), limits: JSONLimits(depth: 8, numbers: .interoperable)).root)
    }

    @Test(arguments: [
        "1", "{}", #"{"delivery":"../x","id":"\#(id)","receipt":"a.b.c"}"#,
        #"{"delivery":"q0uB5kYtYdM3xJ8mO1vWqA","id":"\#(id)","receipt":"a.b.c","envelope":"a.b.c"}"#,
    ])
    func `one malformed delivery does not lose the others`(malformed: String) throws {
        let good = #"{"delivery":"AAAAAAAAAAAAAAAAAAAAAA","id":"\#(Self.id)","receipt":"a.b.c"}"#
        let inbox = try #require(try answer(#"{"deliveries":[\#(malformed),\#(good)]}"#))
        #expect(inbox.deliveries.map(\.token) == ["AAAAAAAAAAAAAAAAAAAAAA"])
        #expect(inbox.unreadable == 1)
    }

    @Test(arguments: ["{}", #"{"deliveries":{}}"#, "[]"])
    func `an answer without deliveries is none`(text: String) throws {
        #expect(try answer(text) == nil)
    }
}
