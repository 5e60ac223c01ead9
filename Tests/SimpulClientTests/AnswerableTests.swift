import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

/// What is kept of a referral, and the answer that is made of it.
@Suite struct AnswerableTests {
    private static let id = "019cd138-1c40-7058-8a5e-cdcbfa53e0a8"

    private func referral(tlp: String = "AMBER+STRICT", more: String = "") throws -> Answerable {
        let text = """
            {"header":{"id":"\(Self.id)","sender":"id-1709.uptd-ppa","status":"Exercise","tlp":"\(tlp)"\(more)},
             "body":{"case":"K-0000-A1","requested":[{"service":"food_service"},{"service":"TRANSPORT"}]}}
            """
        return try #require(Answerable(try JSONDocument(Array(text.utf8)).root))
    }

    private func text(_ answer: ReferralAnswer, to referral: Answerable) throws -> String {
        String(decoding: try answer.document(to: referral).text, as: UTF8.self)
    }

    @Test(arguments: ["{}", #"{"header":{},"body":{}}"#, "[]"])
    func `what has no case and no services is not answered`(_ text: String) throws {
        #expect(Answerable(try JSONDocument(Array(text.utf8)).root) == nil)
    }

    @Test func `what is red is not redirected, and may be rejected`() throws {
        let red = try referral(tlp: "RED")
        let other = try #require(AgencyID("id-1709.polres.ppa"))
        #expect(throws: ClientError.self) { try ReferralAnswer(.redirect(other)).document(to: red) }
        #expect(try text(ReferralAnswer(.reject("OTHER")), to: red).contains(#""rejectReason":"OTHER""#))
    }

    @Test func `a service that was not asked for is named with the nearest one`() throws {
        let answer = ReferralAnswer(.accept, services: ["food_servise": "rejected"])
        do {
            _ = try answer.document(to: try referral())
            Issue.record("it is taken")
        } catch let error as ClientError {
            #expect(error.code == "service-unknown" && error.detail.english.contains("Did you mean food_service?"))
        }
    }

    @Test func `an answer goes to the referrer, in the referral's thread`() throws {
        let first = try text(ReferralAnswer(.accept, services: ["TRANSPORT": "rejected"]), to: try referral())
        #expect(first.contains(#""thread":"\#(Self.id)","inReplyTo":"\#(Self.id)""#))
        #expect(first.contains(#""recipients":["id-1709.uptd-ppa"],"state":"accepted""#))
        #expect(
            first.contains(#"{"service":"food_service","state":"accepted"},{"service":"TRANSPORT","state":"rejected"}"#)
        )
        let thread = "019cd138-1c40-7058-8a5e-cdcbfa53e0a9"
        let later = try text(ReferralAnswer(.accept), to: try referral(more: #","thread":"\#(thread)""#))
        #expect(later.contains(#""thread":"\#(thread)""#))
    }

    @Test func `what is kept is read back`() throws {
        let kept = try referral(more: #","consentRef":"C-0000""#)
        #expect(Answerable(try JSONDocument(kept.json.bytes).root) == kept)
    }

    @Test func `what asks for no service by name is answered with those that the answer names, or one for all`() throws
    {
        let alert = try Answerable.alert(Self.id)
        let plain = try text(ReferralAnswer(.accept), to: alert)
        #expect(plain.contains(#""perService":[{"service":"other_service","state":"accepted"}]"#), "\(plain)")
        let named = try text(
            ReferralAnswer(.accept, services: ["TRANSPORT": "accepted", "PROTECTION": "rejected"]), to: alert)
        #expect(
            named.contains(
                #"[{"service":"PROTECTION","state":"rejected"},{"service":"TRANSPORT","state":"accepted"}]"#))
    }

    @Test func `a new case has the form of one, and is another one each time`() throws {
        let cases = (0..<20).map { _ in Answerable.newCase() }
        #expect(cases.allSatisfy { $0.wholeMatch(of: /K-[0-9A-Z]{4}-[0-9A-Z]{2}/) != nil })
        #expect(Set(cases).count > 1)
    }

    @Test func `an alert that comes twice keeps its case`() throws {
        let fixture = try ClientFixture()
        let network = fixture.network
        var alert = TestMessage(from: network.immigration, to: [network.police], at: fixture.now)
        alert.becomeSealedAlert(for: [network.police])
        let envelope = try alert.envelope()
        let opened = try fixture.incoming(network.police)
            .open(envelope, receipt: fixture.accepted(envelope), known: fixture.known, now: nil)
        let kept = AnswerableMessages(folder: fixture.folder + "/answerable")
        try kept.insert(opened)
        let first = try kept.find(opened.header.id, from: nil)
        try kept.insert(opened)
        #expect(first.count == 1 && first.first?.services == [])
        #expect(try kept.find(opened.header.id, from: nil) == first)
    }

    @Test func `a referral status answers referrals, alerts and tips, and every type says what answers it`() {
        #expect(Set(Answerable.types) == [.referral, .alert, .tip])
        #expect(MessageType.infoRequest.answers == [.infoResponse])
        #expect(Set(MessageType.return.answers) == [.outcome, .return])
        #expect(MessageType.consent.answers == [.withdrawal] && MessageType.caseConference.answers == [.caseConference])
        #expect(MessageType.activityReport.answers == [] && MessageType.bulletin.answers == [])
    }
}

extension Answerable {
    fileprivate static func alert(_ id: String) throws -> Answerable {
        let text = """
            {"header":{"id":"\(id)","sender":"id-1709.imigrasi","status":"Actual","tlp":"RED"},
             "body":{"case":"K-0000-A1","requested":[]}}
            """
        return try #require(Answerable(try JSONDocument(Array(text.utf8)).root))
    }
}
