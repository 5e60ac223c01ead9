import SimpulCore
import StrictJSON
import Testing

@Suite struct HeaderTests {
    private func header(_ type: String, state: String) throws -> Header? {
        let text = """
            {"id":"019d6aec-d840-7568-81f7-087c1df7d63d","type":"\(type)","schema":"\(type)/1.0",
             "hub":"id-1709.simpul","sent":"2026-04-08T09:30:00+07:00","expires":"2026-04-15T09:30:00+07:00",
             "sender":"id-1709.ngo.rumah-aman","recipients":["id-1709.uptd-ppa"],"status":"Actual","privacy":"P2",
             "purpose":"MONITORING","legalBasis":"NONE_PERSONAL","tlp":"GREEN",
             "child":"no","state":"\(state)"}
            """
        return try Header(JSONDocument(Array(text.utf8)).root)
    }

    @Test(arguments: MessageType.allCases.filter { $0 != .referralStatus })
    func `the state of another type is no state of a referral, whatever its word`(type: MessageType) throws {
        #expect(try #require(try header(type.rawValue, state: "accepted")).state == nil)
    }

    @Test(arguments: Header.ReferralState.allCases)
    func `a referral status has its state`(state: Header.ReferralState) throws {
        #expect(try #require(try header("referral-status", state: state.rawValue)).state == state)
    }

    @Test func `the members that a lifecycle needs are read`() throws {
        let text = """
            {"id":"019d6aec-d840-7568-81f7-087c1df7d63d","type":"return","schema":"return/1.0","kind":"Cancel",
             "hub":"id-1709.simpul","sent":"2026-04-08T09:30:00+07:00","expires":"2026-04-15T09:30:00+07:00",
             "sender":"id-1709.ngo.rumah-aman","recipients":["id-1709.uptd-ppa"],"status":"Actual","privacy":"P2",
             "purpose":"MONITORING","legalBasis":"NONE_PERSONAL","tlp":"GREEN",
             "child":"no","step":"booked","previous":"accepted-by-receiving","state":"done",
             "thread":"019d6aec-d840-7568-81f7-087c1df7d600","supersedes":["019d6aec-d840-7568-81f7-087c1df7d601"]}
            """
        let header = try #require(try Header(JSONDocument(Array(text.utf8)).root))
        #expect(header.position == "booked" && header.previous == "accepted-by-receiving" && header.isCancel)
        #expect(header.thread == MessageID("019d6aec-d840-7568-81f7-087c1df7d600"))
        #expect(header.supersedes == [MessageID("019d6aec-d840-7568-81f7-087c1df7d601")])
        #expect(try #require(try self.header("outcome", state: "final")).position == "final")
    }
}
