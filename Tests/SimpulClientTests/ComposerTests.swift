import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

@Suite struct ComposerTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func error(_ document: GivenDocument) -> ClientError? {
        do {
            _ = try fixture.composer.draft(document)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["sender", "hub"])
    func `another agency or broker than the profile's is a fault with its place`(member: String) {
        let document = fixture.report { header, _ in header[member] = "id-1709.polres.ppa" }
        #expect(error(document)?.faults.map(\.pointer) == ["/header/\(member)"])
    }

    @Test func `a class lower than the body's is a fault and is not raised in silence`() {
        let document = fixture.alert { header, _ in header["privacy"] = "P1" }
        #expect(error(document)?.faults.map(\.pointer) == ["/header/privacy"])
    }

    @Test func `a digest that only sealing can know is a fault`() {
        let digest = "sha-256:" + String(repeating: "0", count: 64)
        let document = fixture.alert { header, _ in header["bodyDigest"] = .string(digest) }
        #expect(error(document)?.faults.map(\.pointer) == ["/header/bodyDigest"])
    }

    @Test func `faults of header and body are told at once with their places`() {
        let document = fixture.alert { header, body in
            header["urgency"] = "Soon"
            header["sender"] = "id-1709.polres.ppa"
            body["headline"] = nil
            body["unknown"] = 1
        }
        let pointers = Set(error(document)?.faults.map(\.pointer) ?? [])
        #expect(pointers.isSuperset(of: ["/header/urgency", "/header/sender", "/body/unknown"]))
        #expect(pointers.contains { $0.hasPrefix("/body") && $0 != "/body/unknown" })
    }

    @Test func `broken rules of protection are refused before sealing, in header and body`() {
        let document = fixture.alert { header, body in
            header["tlp"] = "GREEN"
            header["child"] = "unknown"
            body["persons"] = [["ref": "P1", "role": "PresumedVictim", "ageBand": "15-17"]]
        }
        #expect(error(document)?.code == "rule")
        #expect(error(document)?.faults.map(\.keyword) == ["R-06", "R-09"])
    }

    @Test func `what is known of agencies' roles is used, what is not known stops nothing`() throws {
        let document = fixture.alert { header, _ in header["uptdAbsence"] = nil }
        _ = try fixture.composer.draft(document)
        #expect(throws: ClientError.self) {
            try fixture.composer.draft(document) { agency in fixture.network.agencies.roles(of: agency) }
        }
    }

    @Test func `times that a broker would refuse are refused before sealing`() {
        let document = fixture.report { header, _ in header["expires"] = .string(fixture.now.description) }
        #expect(error(document)?.code == "time-invalid")
    }

    @Test func `a sealed body is not taken for a clear one`() {
        let bytes = Array(#"{"header":{},"body":{"ciphertext":""}}"#.utf8)
        #expect(throws: ClientError.self) { try GivenDocument(parsing: bytes) }
    }

    @Test func `no fault repeats a value of the message`() {
        let secret = "CONTOH FIKTIF 17090200000"
        let document = fixture.alert { header, body in
            header["urgency"] = .string(secret)
            body["stage"] = .string(secret)
        }
        let texts = error(document)?.faults.flatMap { [$0.detail.english, $0.detail.indonesian, $0.pointer] } ?? []
        #expect(!texts.isEmpty && !texts.contains { $0.contains(secret) })
    }

    @Test func `what is absent is filled in`() throws {
        let header = try fixture.composer.draft(fixture.alert()).header
        #expect(header.sender == fixture.network.immigration.id)
        #expect(header.hub == fixture.network.broker.agency)
        #expect(header.sent == fixture.now)
        #expect(header.id.description.dropFirst(14).first == "7")
        #expect(header.privacy == .p3)
    }

    @Test func `a class above the body's stays`() throws {
        let document = fixture.report { header, _ in
            header["privacy"] = "P4"
            header["tlp"] = "RED"
        }
        let draft = try fixture.composer.draft(document)
        #expect(draft.header.privacy == .p4)
        #expect(draft.mustBeSealed)
    }

    @Test func `an alert lives a day and a report two weeks`() throws {
        #expect(try fixture.composer.draft(fixture.alert()).header.expires == fixture.later(86_400))
        #expect(try fixture.composer.draft(fixture.report()).header.expires == fixture.later(14 * 86_400))
    }

    @Test func `a given time keeps its text and its offset`() throws {
        let document = fixture.report { header, _ in header["sent"] = "2026-03-04T21:00:00+07:00" }
        let header = try fixture.composer.draft(document).headerJSON
        #expect(header["sent"] == "2026-03-04T21:00:00+07:00")
        #expect(header["expires"] == "2026-03-18T14:00:00.000Z")
    }
}

extension [TestAgency] {
    fileprivate func roles(of id: AgencyID) -> Set<Role>? { first { $0.id == id }.map { [$0.role] } }
}
