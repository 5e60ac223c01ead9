import SimpulCore
import Testing

@testable import SimpulServer

@Suite struct QueryParametersTests {
    private let known = ["wait", "type"]

    @Test(arguments: [
        "wait=1&wait=1", "wait", "wait=", "wait=-1", "wait=+1", "wait=61", "wait=1.5", "wait=%3", "wait=%zz",
        "wait=%+1", "wait=%-0", "wait=%ff", "wait=1=1",
        "wait=99999999999999999999", "wait= 1", "wait=１",
    ])
    func `a number that is repeated, missing or out of range is refused by name`(query: String) throws {
        let refusal = #expect(throws: Refusal.self) {
            try QueryParameters(parsing: query[...], known: known).integer("wait", in: 0...60, default: 0)
        }
        #expect(refusal?.code == .parameterRefused)
        #expect(refusal?.detail.english.contains("wait") == true)
    }

    @Test func `an unknown name is refused, and shown only where it is a plain word`() {
        let plain = #expect(throws: Refusal.self) { try QueryParameters(parsing: "limit=1", known: known) }
        #expect(plain?.detail.english.contains(" limit ") == true)
        let other = #expect(throws: Refusal.self) { try QueryParameters(parsing: "X0000000=1", known: known) }
        #expect(other?.code == .parameterRefused)
        #expect(other?.detail.english.contains("X0000000") == false)
    }

    @Test func `a call without parameters refuses every one`() {
        #expect(throws: Refusal.self) { try QueryParameters(parsing: "wait=1", known: []) }
    }

    @Test func `a type that is not known is refused without its value`() throws {
        let query = try QueryParameters(parsing: "type=rahasia", known: known)
        let refusal = #expect(throws: Refusal.self) { try query.word("type", as: MessageType.self) }
        #expect(refusal?.detail.english.contains("rahasia") == false)
    }

    @Test func `values may be percent-encoded, and a plus sign is one`() throws {
        let query = try QueryParameters(parsing: "type=a%3Ab+%2Bc%C3%A9", known: known)
        #expect(try query.value("type") { $0 } == "a:b++cé")
    }

    @Test func `numbers at the bounds, words and defaults are read`() throws {
        let query = try QueryParameters(parsing: "wait=60&type=referral-status", known: known)
        #expect(try query.integer("wait", in: 0...60, default: 0) == 60)
        #expect(try query.word("type", as: MessageType.self) == .referralStatus)
        let none = try QueryParameters(parsing: nil, known: known)
        #expect(try none.integer("wait", in: 0...60, default: 7) == 7)
        #expect(try none.word("type", as: MessageType.self) == nil)
    }
}
