import Testing

@testable import SimpulClient

@Suite struct HTTPAnswerTests {
    @Test(arguments: [500, 502, 503, 599])
    func `a failure of something before the broker is temporary`(status: Int) {
        let answer = HTTPAnswer(status: status, type: "text/html", retryAfter: nil, body: [])
        let error = #expect(throws: HubError.self) { try answer.problem() }
        #expect(error?.isTemporary == true)
    }

    @Test(arguments: [200, 302, 403, 404])
    func `another answer without a problem document stays as it is`(status: Int) {
        let answer = HTTPAnswer(status: status, type: "text/html", retryAfter: nil, body: [])
        let error = #expect(throws: HubError.self) { try answer.problem() }
        #expect(error?.isTemporary == false)
    }
}
