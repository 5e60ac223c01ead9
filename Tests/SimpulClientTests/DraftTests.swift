import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

@Suite struct DraftTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func envelope(_ document: GivenDocument) throws -> EnvelopeDocument {
        let sealedTo = [fixture.network.police.seal, fixture.network.shelter.seal]
        let envelope = try fixture.composer.draft(document)
            .envelope(signedBy: fixture.network.immigration.signing, sealedTo: sealedTo)
        let signed = try SignedEnvelope(parsing: envelope.bytes, limits: Limits())
        #expect(signed.digest == envelope.digest)
        return try EnvelopeDocument(parsing: signed.inflatedPayload(limit: 1 << 20), limits: Limits())
    }

    @Test func `two bodies of similar size give sealed bodies of equal length`() throws {
        let lengths = try ["CONTOH FIKTIF satu", "CONTOH FIKTIF. Dua orang, tanpa kontrak, menuju pelabuhan."].map {
            text in
            try envelope(fixture.alert { _, body in body["description"] = .string(text) })
                .body["ciphertext"]?.utf8?.count
        }
        #expect(lengths[0] != nil)
        #expect(lengths[0] == lengths[1])
    }

    @Test func `a body of class P4 leaves nothing in the clear`() throws {
        let document = try envelope(fixture.alert())
        #expect(document.isSealed)
        #expect(document.header["bodyDigest"] != nil)
        #expect(document.body["headline"] == nil)
    }

    @Test func `a harmless body stays clear and has no digest`() throws {
        let document = try envelope(fixture.report())
        #expect(!document.isSealed)
        #expect(document.header["bodyDigest"] == nil)
    }

    @Test func `a child seals even a harmless body`() throws {
        #expect(try envelope(fixture.report { header, _ in header["child"] = "presumed" }).isSealed)
    }

    @Test func `recipients and fallback are parties once each`() throws {
        let draft = try fixture.composer.draft(
            fixture.report { header, _ in
                header["recipients"] = ["id-1709.polres.ppa", "id-1709.uptd-ppa"]
                header["fallback"] = ["id-1709.uptd-ppa", "id-1709.ngo.rumah-aman"]
            })
        #expect(
            draft.parties.map(\.description) == ["id-1709.polres.ppa", "id-1709.uptd-ppa", "id-1709.ngo.rumah-aman"])
    }

    @Test func `a body too large to seal is refused with what to do`() throws {
        // Random text does not compress, so 48 notes of 2000 letters are more than 64 KiB.
        let noise = (0..<48).map { _ in JSON.string(Base64URL.encode(SecureRandom.bytes(1500))) }
        let draft = try fixture.composer.draft(fixture.alert())
        let large = Draft(header: draft.header, headerJSON: draft.headerJSON, body: ["notes": .array(noise)])
        #expect(throws: ClientError(.refused, "too-large", LocalizedText("", ""))) {
            try large.envelope(
                signedBy: fixture.network.immigration.signing, sealedTo: [fixture.network.police.seal])
        }
    }
}
