import JOSE
import SimpulBroker
import SimpulCore
import Testing

@Suite struct PushVerdictTests {
    private let digest = Digest(SHA256.hash(Array("signed.octets".utf8)))
    private let other = Digest(SHA256.hash(Array("others".utf8)))
    private let now = Timestamp(milliseconds: 784_111_767_000)

    private func verdict(_ answer: PushAnswer) -> PushVerdict { PushVerdict(answer, digest: digest, at: now) }

    @Test(arguments: [201, 202, 204, 206])
    func `no other status settles, whatever it acknowledges`(_ status: Int) {
        let answer = PushAnswer(status: status, acknowledgements: [digest.description])
        #expect(verdict(answer) == .failed(PushTrouble(.status, detail: String(status))))
    }

    @Test func `a page of somebody in between settles nothing`() {
        let page = PushAnswer(status: 200, mediaType: "text/html", body: Array("<h1>Wi-Fi</h1>".utf8))
        #expect(verdict(page) == .failed(PushTrouble(.ackMissing)))
        #expect(verdict(PushAnswer(status: 200, mediaType: "application/jose")) == .failed(PushTrouble(.ackMissing)))
    }

    @Test func `another digest settles nothing, also beside the right one or a receipt`() {
        for values in [[other.description], ["x"], [""], [digest.description, other.description]] {
            let bare = PushAnswer(status: 200, acknowledgements: values)
            #expect(verdict(bare) == .failed(PushTrouble(.ackMismatch)))
            let receipt = PushAnswer(
                status: 200, acknowledgements: values, mediaType: "application/jose", body: Array("a.b.c".utf8))
            #expect(verdict(receipt) == .failed(PushTrouble(.ackMismatch)))
        }
        #expect(
            verdict(PushAnswer(status: 200, acknowledgements: [digest.description.uppercased()]))
                == .failed(PushTrouble(.ackMismatch)))
    }

    @Test func `the envelope's digest settles`() {
        #expect(verdict(PushAnswer(status: 200, acknowledgements: [digest.description])) == .acknowledged)
        let twice = PushAnswer(
            status: 200, acknowledgements: [digest.description, digest.description], mediaType: "text/plain",
            body: Array("thanks".utf8))
        #expect(verdict(twice) == .acknowledged)
    }

    @Test func `a receipt is handed on without its line end`() {
        for (type, body) in [
            ("application/jose", "a.b.c"), ("Application/JOSE; charset=x", "a.b.c\n"),
            ("application/jose", "a.b.c\r\n"),
        ] {
            #expect(
                verdict(PushAnswer(status: 200, mediaType: type, body: Array(body.utf8)))
                    == .receipt(Array("a.b.c".utf8)))
        }
    }

    @Test func `a redirect is told as one`() {
        for status in [301, 302, 303, 307, 308] {
            #expect(verdict(PushAnswer(status: status)) == .failed(PushTrouble(.redirected, detail: "\(status)")))
        }
    }

    @Test func `some refusals are about the message alone`() {
        for status in [400, 409, 413, 415, 422] {
            #expect(verdict(PushAnswer(status: status)) == .failed(PushTrouble(.deliveryRefused, detail: "\(status)")))
        }
        for status in [401, 403, 404, 408, 429, 500, 503] {
            #expect(verdict(PushAnswer(status: status)) == .failed(PushTrouble(.status, detail: "\(status)")))
        }
        #expect(PushFailure.allCases.filter(\.isAboutDelivery) == [.deliveryRefused, .receiptRefused])
    }

    @Test(
        arguments: [
            ("120", 120), ("0", 0), ("99999999999999999999", Int(Int32.max)), ("Sun, 06 Nov 1994 08:50:07 GMT", 40),
            ("Sun, 06 Nov 1994 08:49:00 GMT", 0), ("-1", nil), ("soon", nil), ("", nil), ("1.5", nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun, 31 Feb 1994 08:49:37 GMT", nil),
        ] as [(String, Int?)])
    func `Retry-After is a number or a date`(_ text: String, _ seconds: Int?) {
        #expect(
            verdict(PushAnswer(status: 503, retryAfter: text))
                == .failed(PushTrouble(.status, detail: "503", retryAfter: seconds)))
    }
}
