import SimpulBroker
import SimpulCore
import StrictJSON
import Testing

@Suite struct OperationRecordTests {
    private let by = OperationBy(uid: 1000, user: "petugas", role: .operator)
    private let at = Timestamp(milliseconds: 1_772_633_645_000)

    private func record(_ reason: String = "CONTOH FIKTIF") -> OperationRecord {
        OperationRecord(.drain, by: by, reason: reason, at: at)
    }

    @Test(arguments: [
        "", "   ", "two\nlines", "bell\u{7}", String(repeating: "x", count: 201),
    ])
    func `what is no reason is taken for none`(_ text: String) {
        #expect(!OperationRecord.isReason(text))
    }

    @Test(arguments: [
        #""action":"drain""#, #""uid":1000"#, #""role":"operator""#, #""reason":"CONTOH FIKTIF""#, #""v":1"#,
        #""subject":"operation""#, #""at":"2026"#,
    ])
    func `a record that was edited is none`(_ part: String) throws {
        let logged = record().logged
        let text = String(decoding: logged.octets, as: UTF8.self)
        try #require(text.contains(part))
        let edited = text.replacing(part, with: part.uppercased())
        #expect(OperationRecord(LogRecord(subject: .operation, at: at, octets: Array(edited.utf8))) == nil)
        #expect(OperationRecord(LogRecord(subject: .operation, at: at, octets: logged.octets + [0x20])) == nil)
        #expect(OperationRecord(LogRecord(subject: .policy, at: at, octets: logged.octets)) == nil)
    }

    @Test func `a record says who, what, why and to what, and is read back`() throws {
        let agency = try #require(AgencyID("id-1709.polres.ppa"))
        let id = try #require(MessageID("019cb7bb-7c10-7b5a-8a5e-f372fe94f82a"))
        let whole = OperationRecord(
            .resume, by: OperationBy(uid: 0, user: nil, role: .admin), reason: "x", at: at, agency: agency,
            message: MessageKey(sender: agency, id: id), to: AgencyID("id-1709.ngo.rumah-aman"))
        for record in [record(), whole, record(String(repeating: "ä", count: 200))] {
            #expect(OperationRecord(record.logged) == record)
        }
        #expect(
            String(decoding: record().logged.octets, as: UTF8.self)
                == #"{"v":1,"subject":"operation","action":"drain","#
                + #""by":{"uid":1000,"user":"petugas","role":"operator"},"reason":"CONTOH FIKTIF","#
                + #""at":"2026-03-04T14:14:05.000Z"}"#)
    }
}

@Suite struct StatusRoleTests {
    private let rights = StatusRights(
        operators: .init(users: [1000], groups: [50]), admins: .init(users: [1001], groups: [60]))

    @Test func `whoever is not named only reads`() {
        #expect(StatusRights().role(of: 1000, groups: [50, 60], brokerRunsAs: 999) == .viewer)
        #expect(rights.role(of: 1002, groups: [1002], brokerRunsAs: 999) == .viewer)
        #expect(rights.role(of: 50, groups: [1000], brokerRunsAs: 999) == .viewer)
        let anybody = StatusRights(operators: .init(users: [65_534], groups: [65_534]))
        #expect(anybody.role(of: 65_534, groups: [65_534], brokerRunsAs: 999) == .viewer)
    }

    @Test func `the highest role counts, and root and the broker's own user have it`() {
        #expect(rights.role(of: 1000, groups: [], brokerRunsAs: 999) == .operator)
        #expect(rights.role(of: 1002, groups: [50], brokerRunsAs: 999) == .operator)
        #expect(rights.role(of: 1000, groups: [60], brokerRunsAs: 999) == .admin)
        #expect(rights.role(of: 1001, groups: [], brokerRunsAs: 999) == .admin)
        #expect(StatusRights().role(of: 0, groups: [], brokerRunsAs: 999) == .admin)
        #expect(StatusRights().role(of: 999, groups: [], brokerRunsAs: 999) == .admin)
        #expect(StatusRole.viewer < .operator && StatusRole.operator < .admin)
    }
}
