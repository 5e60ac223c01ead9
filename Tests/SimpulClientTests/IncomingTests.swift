import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

@Suite struct IncomingTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private var network: TestNetwork { fixture.network }

    private func alert(from sender: TestAgency? = nil) -> TestMessage {
        var message = TestMessage(from: sender ?? network.immigration, to: [network.police], at: fixture.now)
        message.becomeSealedAlert(for: [network.police])
        return message
    }

    private func distrust(
        _ envelope: [UInt8], receipt: Receipt? = nil, known: KnownKeys? = nil, at agency: TestAgency? = nil
    ) throws -> Distrust? {
        let incoming = try fixture.incoming(agency ?? network.police)
        let accepted = try receipt ?? fixture.accepted(envelope)
        do {
            _ = try incoming.open(envelope, receipt: accepted, known: known ?? fixture.known, now: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a sealed body lifted into another sender's envelope is refused`() throws {
        let original = try alert().document()
        var header = alert(from: network.shelter).header
        header["bodyDigest"] = original.header["bodyDigest"]
        let lifted = try network.shelter.signing.envelope(header: header, body: original.body)
        #expect(try distrust(lifted) == .sealedBodyForeign)
    }

    @Test func `a sealed body lifted into another message of its sender is refused`() throws {
        let original = try alert().document()
        var header = alert().header
        header["bodyDigest"] = original.header["bodyDigest"]
        #expect(
            try distrust(try network.immigration.signing.envelope(header: header, body: original.body))
                == .sealedBodyForeign)
    }

    @Test func `a sealed body under another digest is refused`() throws {
        var document = try alert().document()
        document.header["bodyDigest"] = try alert().document().header["bodyDigest"]
        let envelope = try network.immigration.signing.envelope(header: document.header, body: document.body)
        #expect(try distrust(envelope) == .sealedBodyForeign)
    }

    @Test func `an unknown signer is refused`() throws {
        #expect(try distrust(try alert().envelope(), known: fixture.known([network.shelter])) == .signerUnknown)
    }

    @Test func `a sender's name over another agency's signature is refused`() throws {
        let document = try alert().document()
        let envelope = try network.shelter.signing.envelope(header: document.header, body: document.body)
        #expect(try distrust(envelope) == .senderMismatch)
    }

    @Test func `a flipped bit is refused`() throws {
        let envelope = try alert().envelope()
        let receipt = try fixture.accepted(envelope)
        var flipped = envelope
        let last = flipped.count - 20
        flipped[last] = flipped[last] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(try distrust(flipped, receipt: receipt) == .signatureInvalid)
    }

    @Test func `a message for others is refused`() throws {
        #expect(try distrust(try alert().envelope(), at: network.shelter) == .notForUs)
    }

    @Test func `a message for another broker is refused`() throws {
        var message = alert()
        message.header["hub"] = "id-17.simpul"
        #expect(try distrust(try message.envelope()) == .wrongHub)
    }

    @Test func `a body sealed for others is refused`() throws {
        var message = alert()
        message.sealedTo = [network.shelter]
        #expect(try distrust(try message.envelope()) == .notSealedForUs)
    }

    @Test func `a receipt that another agency signed is refused`() throws {
        let envelope = try alert().envelope()
        let forged = try fixture.accepted(envelope, by: network.shelter.signing)
        #expect(try distrust(envelope, receipt: forged) == .brokerUnknown)
    }

    @Test func `a receipt of another message is refused`() throws {
        #expect(
            try distrust(try alert().envelope(), receipt: fixture.accepted(try alert().envelope())) == .receiptOfAnother
        )
    }

    @Test func `a signer's certificate must be in date when the broker accepted`() throws {
        let envelope = try alert().envelope()
        let late = try fixture.accepted(envelope, at: fixture.later(79 * 86_400))
        #expect(try distrust(envelope, receipt: late) == nil)
        let after = try fixture.accepted(envelope, at: fixture.later(81 * 86_400))
        #expect(try distrust(envelope, receipt: after) != nil)
    }

    @Test(arguments: ["{}", "", "a.b.c", "eyJhbGciOiJub25lIn0..", "...."])
    func `what is no envelope is refused`(text: String) throws {
        let receipt = try fixture.accepted(try alert().envelope())
        #expect(try distrust(Array(text.utf8), receipt: receipt) == .notAnEnvelope)
    }

    @Test func `a delivery that names another id is refused`() throws {
        let envelope = try alert().envelope()
        let delivery = Delivery(
            token: "q0uB5kYtYdM3xJ8mO1vWqA", id: try require(alert().id), sender: network.immigration.id, attempt: 1,
            envelope: envelope, receipt: try fixture.accepted(envelope))
        let incoming = try fixture.incoming(network.police)
        #expect(throws: Distrust.deliveryMismatch) { try incoming.open(delivery, known: fixture.known) }
    }

    @Test func `a message that breaks its schema is shown with its faults`() throws {
        var message = alert()
        message.body["headline"] = nil
        let envelope = try message.envelope()
        let opened = try fixture.incoming(network.police)
            .open(envelope, receipt: fixture.accepted(envelope), known: fixture.known, now: nil)
        #expect(!opened.faults.isEmpty)
        #expect(opened.body["description"] != nil)
    }

    @Test func `a message that breaks a rule of protection is shown with the rule's number`() throws {
        var message = alert()
        message.body["persons"] = [["ref": "P1", "role": "PresumedVictim", "ageBand": "15-17"]]
        message.header["child"] = "no"
        let envelope = try message.envelope()
        let opened = try fixture.incoming(network.police)
            .open(envelope, receipt: fixture.accepted(envelope), known: fixture.known, now: nil)
        #expect(opened.faults.map(\.keyword) == ["R-09"])
        #expect(opened.faults.map(\.pointer) == ["/body/persons/0/ageBand"])
    }

    @Test func `a sealed body of a higher class than its label is shown with that fault`() throws {
        var message = alert()
        message.header["privacy"] = "P2"
        let envelope = try message.envelope()
        let opened = try fixture.incoming(network.police)
            .open(envelope, receipt: fixture.accepted(envelope), known: fixture.known, now: nil)
        #expect(opened.faults.map(\.pointer) == ["/header/privacy"])
        #expect(opened.wasSealed)
    }

    @Test(arguments: [("alert/1.1", 0), ("alert/1.0", 1)])
    func `members of a newer minor version are passed over`(schema: String, faults: Int) throws {
        var message = alert()
        message.header["schema"] = .string(schema)
        message.body["later"] = 1
        let envelope = try message.envelope()
        let opened = try fixture.incoming(network.police)
            .open(envelope, receipt: fixture.accepted(envelope), known: fixture.known, now: nil)
        #expect(opened.faults.count == faults)
    }

    @Test func `a message that is all it says is opened`() throws {
        let message = alert()
        let envelope = try message.envelope()
        let opened = try fixture.incoming(network.police)
            .open(envelope, receipt: fixture.accepted(envelope), known: fixture.known, now: nil)
        #expect(opened.body == message.body)
        #expect(opened.wasSealed && opened.faults.isEmpty)
        #expect(opened.acceptance?.sequence == 7)
    }
}
