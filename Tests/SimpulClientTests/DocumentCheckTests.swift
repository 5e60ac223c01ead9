import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

@Suite struct DocumentCheckTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func faults(_ change: (inout TestMessage) -> Void) -> [String] {
        var message = TestMessage(from: fixture.network.immigration, to: [fixture.network.police], at: fixture.now)
        change(&message)
        let bytes = JSON.object([.init("header", message.header), .init("body", message.body)]).bytes
        return DocumentCheck(catalogue: fixture.network.catalogue).faults(in: bytes).map(\.pointer)
    }

    @Test func `faults of header and body come together`() {
        let found = faults { message in
            message.header["kind"] = "Nothing"
            message.body["state"] = "nothing"
        }
        #expect(Set(found) == ["/header/kind", "/body/state"])
    }

    @Test func `an understated class is a fault`() {
        #expect(
            faults { message in
                message.becomeSealedAlert(for: [])
                message.header["privacy"] = "P1"
            } == ["/header/privacy"])
    }

    @Test func `an unknown type is one fault`() {
        #expect(faults { $0.header["type"] = "rumour" } == ["/header/schema"])
    }

    @Test func `a broken rule of protection is a fault`() {
        let found = faults { message in
            message.becomeSealedAlert(for: [])
            message.header["tlp"] = "CLEAR"
        }
        #expect(found == ["/header/tlp"])
    }

    @Test func `a whole message has no fault`() {
        #expect(faults { _ in }.isEmpty)
    }

    @Test func `what is no JSON is one fault without a place`() {
        let check = DocumentCheck(catalogue: fixture.network.catalogue)
        #expect(check.faults(in: Array("{".utf8)).map(\.keyword) == ["json-invalid"])
    }
}
