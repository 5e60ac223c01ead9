import NIOCore
import Testing

@testable import simpul_bench

@Suite struct AnswersTests {
    @Test(arguments: [
        #"{"status":503,"problem":{"code":"draining"}}"#, #"{"status":422}"#, #"{"receipt":"a","status":201}"#, "x",
    ])
    func `a line of a batch that is not accepted is a problem, and shown`(_ line: String) {
        let answer = BatchAnswer(ByteBuffer(string: "{\"status\":201,\"receipt\":\"a.b.c\"}\n\(line)\n"))
        #expect(answer.problem == line)
        #expect(answer.accepted == 1)
    }

    @Test func `the lines of a batch are counted by their status`() {
        let answer = BatchAnswer(
            ByteBuffer(string: #"{"status":201,"receipt":"a"}"# + "\n" + #"{"status":200,"receipt":"b"}"#))
        #expect((answer.accepted, answer.repeated) == (1, 1))
        #expect(answer.problem == nil)
    }

    @Test func `a token of another length is refused`() {
        #expect(throws: BenchError.self) {
            try InboxAnswer(ByteBuffer(string: #"{"deliveries":[{"delivery":"short"}]}"#))
        }
    }

    @Test func `tokens and ids are found in order`() throws {
        let tokens = ["AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"]
        let id = "019cb7bb-1c40-7416-8a5e-f372fe94c001"
        let rows = tokens.map { #"{"delivery":"\#($0)","id":"\#(id)","sender":"id-1709.imigrasi","envelope":"a.b.c"}"# }
        var body = ByteBuffer(string: "skipped" + #"{"deliveries":[\#(rows.joined(separator: ","))]}"#)
        body.moveReaderIndex(forwardBy: 7)
        let answer = try InboxAnswer(body)
        #expect(answer.tokens.map { String(buffer: $0) } == tokens)
        #expect(try answer.ids().map { String(buffer: $0) } == [id, id])
    }
}
