import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// The rules of protection on the broker's path: its roster says what agencies are, a sealed body stays unread.
@Suite struct ProtectionRuleTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func refusal(
        to recipients: [TestAgency], _ change: (inout TestMessage) throws -> Void
    ) async throws -> Refusal? {
        let broker = try network.makeBroker(on: MemoryStore())
        var message = TestMessage(from: network.immigration, to: recipients, at: network.now)
        try change(&message)
        let caller = try network.caller(network.immigration, of: broker)
        do {
            _ = try await broker.intake.approve(broker.authenticator.submission(message.envelope(), from: caller))
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    private func refusedAlert(
        to recipients: [TestAgency], _ members: KeyValuePairs<String, JSON?>
    ) async throws -> Refusal? {
        try await refusal(to: recipients) { message in
            message.becomeSealedAlert(for: recipients)
            for (name, value) in members { message.header[name] = value }
        }
    }

    @Test func `every broken rule about a sealed message's header is listed with its number and place`() async throws {
        let refusal = try await refusedAlert(
            to: [network.police], ["uptdAbsence": nil, "urgency": "Past", "tlp": "GREEN", "agencyImplicated": true])
        #expect(refusal?.code == .rule)
        #expect(refusal?.stage == .validate)
        #expect(refusal?.faults.map(\.keyword) == ["R-06", "R-08", "R-08", "R-27"])
        #expect(
            refusal?.faults.map(\.pointer)
                == ["/header/tlp", "/header/urgency", "/header/recipients", "/header/recipients/0"])
        #expect(refusal?.message != nil)
    }

    @Test func `the roster says which agency is a protection unit`() async throws {
        #expect(try await refusedAlert(to: [network.police], ["uptdAbsence": nil])?.code == .rule)
        #expect(try await refusedAlert(to: [network.police, network.protection], ["uptdAbsence": nil]) == nil)
    }

    @Test func `a clear body is looked at as well`() async throws {
        let refusal = try await refusal(to: [network.police]) { message in
            message.body["title"] = "CONTOH FIKTIF 0812-3456-7890"
        }
        #expect(refusal?.code == .rule)
        #expect(refusal?.faults.map(\.pointer) == ["/body/title"])
        #expect(refusal?.diagnosis == "/body/title R-11")
    }

    @Test func `what must be sealed is told first, a lifecycle last`() async throws {
        let clear = try await refusal(to: [network.police]) { message in
            message.becomeSealedAlert(for: [])
            message.header["uptdAbsence"] = nil
        }
        #expect(clear?.code == .mustBeSealed)
        let unrelated: JSON = "019cd107-1c40-720b-8a5e-79b97f4a7c15"
        let changes: KeyValuePairs<String, JSON?> = ["inReplyTo": unrelated, "tlp": "AMBER"]
        #expect(try await refusedAlert(to: [network.police], changes)?.code == .rule)
        #expect(try await refusedAlert(to: [network.police], ["inReplyTo": unrelated])?.code == .lifecycle)
    }
}
