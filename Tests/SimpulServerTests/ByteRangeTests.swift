import SimpulBroker
import SimpulCore
import Testing

@testable import SimpulServer

@Suite struct ByteRangeTests {
    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "bytes=1-2-3", "items=0-1",
        "bytes=+1-2", "bytes=1-9999999999999999999", "bytes= 0-1",
    ])
    func `a field that asks for no single range is passed over`(field: String?) {
        #expect(ByteRange(field, of: 10) == .whole)
    }

    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=3-", 3..<10), ("bytes=-3", 7..<10), ("bytes=-99", 0..<10),
        ("bytes=9-99", 9..<10), ("Bytes=2-4", 2..<5),
    ])
    func `a single range is cut at the end`(field: String, range: Range<Int>) {
        #expect(ByteRange(field, of: 10) == .part(range))
    }

    @Test(arguments: ["bytes=10-", "bytes=10-12", "bytes=-0"])
    func `a range behind the end cannot be met`(field: String) {
        #expect(ByteRange(field, of: 10) == .unsatisfiable)
    }

    @Test(arguments: [
        ("bytes 0-9/*", 10), ("bytes 5-4/10", 0), ("bytes 0-10/10", 11), ("bytes 0-4/10", 6), ("bytes 0-4", 5),
        ("items 0-4/10", 5), ("bytes */10", 1), ("bytes 0-4/10/2", 5), ("bytes -4/10", 5), ("bytes 0-4/ten", 5),
    ])
    func `a part that contradicts itself is refused`(field: String, length: Int) {
        let refusal = #expect(throws: Refusal.self) {
            try ContentRange.part(field, contentLength: length, limit: 100)
        }
        #expect(refusal?.code == .parameterRefused)
    }

    @Test func `a part says where it belongs`() throws {
        func part(_ field: String?, _ length: Int?) throws -> UploadPart {
            try ContentRange.part(field, contentLength: length, limit: 100)
        }
        #expect(try part(nil, 7) == UploadPart(first: 0, count: 7, total: 7))
        #expect(try part("bytes 5-9/10", 5) == UploadPart(first: 5, count: 5, total: 10))
        #expect(try part("bytes 5-9/10", nil) == UploadPart(first: 5, count: 5, total: 10))
        #expect(try part("bytes */10", 0) == UploadPart(first: 10, count: 0, total: 10))
    }

    @Test(arguments: [
        (nil, nil, ErrorCode.parameterRefused), (nil, 0, .parameterRefused), (nil, 101, .tooLarge),
        ("bytes 0-0/101", 1, .tooLarge),
    ])
    func `a whole has a length within the limit`(field: String?, length: Int?, code: ErrorCode) {
        let refusal = #expect(throws: Refusal.self) {
            try ContentRange.part(field, contentLength: length, limit: 100)
        }
        #expect(refusal?.code == code)
    }
}
