import SimpulCore
import StrictJSON
import Testing

@Suite struct ReceiptTests {
    let broker, sender, police: AgencyID
    let id: MessageID
    let digest: Digest
    let at: Timestamp

    init() throws {
        broker = try #require(AgencyID("id-1709.simpul"))
        sender = try #require(AgencyID("id-1709.imigrasi"))
        police = try #require(AgencyID("id-1709.polres.ppa"))
        id = try #require(MessageID("019cb932-dfc8-7dc3-9501-cc96fbe0fa39"))
        digest = try #require(Digest(octets: [UInt8](repeating: 1, count: 32)))
        at = try #require(Timestamp("2026-03-04T21:14:06+07:00"))
    }

    private func roundTrip(_ statement: ReceiptStatement) throws -> ReceiptStatement? {
        ReceiptStatement(try JSONDocument(statement.json.bytes).root)
    }

    @Test func `an accepted statement keeps its leaf and every recipient's clocks`() throws {
        let clocks = ReceiptStatement.RecipientClocks(agency: police, due: DueTimes(acknowledge: at, decide: at))
        let statement = ReceiptStatement(
            .accepted, broker: broker, sender: sender, id: id, digest: digest, at: at, sequence: 7, recipients: [clocks]
        )
        #expect(try roundTrip(statement) == statement)
    }

    @Test func `an accepted statement keeps what its sender owes, its level and its policy`() throws {
        let later = at.advanced(bySeconds: 86400)
        let all = [police, sender].map { ReceiptStatement.RecipientClocks(agency: $0, due: DueTimes(serve: later)) }
        let nothing = ReceiptStatement.RecipientClocks(agency: broker, due: .none)
        let statement = ReceiptStatement(
            .accepted, broker: broker, sender: sender, id: id, digest: digest, at: at, sequence: 7,
            recipients: all + [nothing] + all, senderDue: DueTimes(review: later, next: at), level: .second,
            policy: digest)
        #expect(try roundTrip(statement) == statement)
        #expect(statement.json["level"] == "L2")
    }

    @Test func `a receipt of an older broker has no level, no policy and nothing that the sender owes`() throws {
        let statement = ReceiptStatement(
            .accepted, broker: broker, sender: sender, id: id, digest: digest, at: at, sequence: 7,
            recipients: [.init(agency: police, due: .none)])
        #expect(statement.json["senderDue"] == nil && statement.json["level"] == nil && statement.json["policy"] == nil)
        #expect(try roundTrip(statement) == statement)
    }

    @Test func `a refused statement may know neither id nor digest`() throws {
        let ground = ReceiptStatement.RefusalGround(code: .notJOSE, stage: .verify)
        let statement = ReceiptStatement(
            .refused, broker: broker, sender: sender, id: nil, digest: nil, at: at, refusal: ground)
        #expect(try roundTrip(statement) == statement)
        #expect(statement.json["id"] == nil && statement.json["digest"] == nil)
    }

    @Test(arguments: ["v", "rung", "broker", "sender", "at"])
    func `a statement without one of its members is none`(member: String) throws {
        var json = ReceiptStatement(.delivered, broker: broker, sender: sender, id: id, digest: digest, at: at).json
        json[member] = nil
        #expect(ReceiptStatement(try JSONDocument(json.bytes).root) == nil)
    }

    @Test func `rungs only rise`() {
        let ladder: [Rung] = [.accepted, .delivered, .acknowledged, .opened, .answered, .closed]
        #expect(ladder.map(\.height) == ladder.map(\.height).sorted())
        #expect(Set(ladder.map(\.height)).count == ladder.count)
    }
}
