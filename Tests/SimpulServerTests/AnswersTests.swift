import Hummingbird
import SimpulCore
import Testing

@testable import SimpulServer

@Suite struct AnswersTests {
    private func problem(_ code: ErrorCode, at stage: Stage = .receive) -> Response {
        .problem(Problem(Refusal(code, at: stage, code.title)), .english, trace: "00")
    }

    @Test(arguments: ErrorCode.allCases)
    func `nothing may be kept, and the status is the code's`(code: ErrorCode) {
        let response = problem(code)
        #expect(response.status.code == code.status)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect((response.headers[.retryAfter] != nil) == [429, 503].contains(code.status))
    }

    @Test func `a body that was not read to its end closes the connection, an inflated document does not`() {
        #expect(problem(.tooLarge, at: .receive).headers[.connection] == "close")
        #expect(problem(.tooLarge, at: .inflate).headers[.connection] == nil)
    }

    @Test func `HEAD gets the fields without the body`() {
        let response = problem(.methodNotAllowed).asked(with: .head)
        #expect(response.body.contentLength == 0)
        #expect(response.headers[.contentLength] != "0")
    }

    @Test(
        arguments: [
            (nil, .english), ("", .english), ("id", .indonesian), ("id-ID,en;q=0.8", .indonesian),
            ("en;q=0.9, id;q=0.8", .english), ("fr, id;q=0.1", .indonesian), ("fr", .english),
        ] as [(String?, Language)])
    func `the caller's language is chosen`(field: String?, language: Language) {
        #expect(Language(acceptLanguage: field) == language)
    }

    @Test(arguments: [
        ("application/jose", "application/jose"), ("Application/JOSE; charset=utf-8", "application/jose"),
        ("application/jose ;x", "application/jose"), ("application/jose-lines", "application/jose-lines"),
    ])
    func `media types are compared without case and parameters`(field: String, name: String) {
        #expect(MediaTypeName.of(field) == name)
        #expect(MediaTypeName.of(nil) == nil)
    }

    @Test func `traces are 128 bits and differ`() {
        let traces = (0..<100).map { _ in Trace.fresh() }
        #expect(Set(traces).count == 100)
        #expect(traces.allSatisfy { $0.count == 32 })
    }
}
