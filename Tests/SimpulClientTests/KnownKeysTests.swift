import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@testable import SimpulClient

@Suite struct KnownKeysTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func sealing(
        _ listed: DirectoryListing.Listed?, known: KnownKeys? = nil
    ) throws(ClientError) -> [Certificate] {
        let directory = DirectoryListing(agencies: [fixture.network.police.id: listed.map { [$0] } ?? []])
        return try (known ?? fixture.known)
            .sealingCertificates(of: fixture.network.police.id, in: directory, at: fixture.now)
    }

    private func isRefused(_ listed: DirectoryListing.Listed?, known: KnownKeys? = nil) -> Bool {
        do {
            _ = try sealing(listed, known: known)
            return false
        } catch {
            return error.code == "seal-unendorsed" && error.outcome == .refused
                && error.detail.english.contains("id-1709.polres.ppa")
        }
    }

    @Test(arguments: [
        "expired", "not yet", "another agency's name", "another use", "another certificate",
    ])
    func `an endorsement that does not say exactly this is refused`(fault: String) throws {
        let listed = try fixture.listed(fixture.network.police) { endorsement in
            switch fault {
            case "expired": endorsement.until = fixture.now
            case "not yet": endorsement.from = fixture.later(1)
            case "another agency's name": endorsement.agency = fixture.network.shelter.id
            case "another use": endorsement.use = .sign
            default: endorsement.thumbprint = fixture.network.shelter.seal.thumbprint
            }
        }
        #expect(isRefused(listed))
    }

    @Test func `an endorsement by another agency is refused`() throws {
        #expect(isRefused(try fixture.listed(fixture.network.police, by: fixture.network.shelter)))
    }

    @Test func `an endorsement by a key that nobody gave us is refused`() throws {
        let known = fixture.known([fixture.network.immigration])
        #expect(isRefused(try fixture.listed(fixture.network.police), known: known))
    }

    @Test func `an endorsement with a changed signature is refused`() throws {
        var listed = try fixture.listed(fixture.network.police)
        listed.endorsement = listed.endorsement.map { token in
            token.dropLast(10) + [token[token.count - 10] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")]
                + token.suffix(9)
        }
        #expect(isRefused(listed))
    }

    @Test func `a missing endorsement is refused`() throws {
        var listed = try fixture.listed(fixture.network.police)
        listed.endorsement = nil
        #expect(isRefused(listed))
        #expect(isRefused(nil))
    }

    @Test func `a certificate of another authority is refused although it is endorsed`() throws {
        let stranger = try TestAuthority(at: fixture.now)
        let key = PrivateKey.generate(.p256)
        let certificate = try stranger.certificate(for: "id-1709.polres.ppa", key: key, use: .encryption)
        var listed = try fixture.listed(fixture.network.police) { $0.thumbprint = certificate.thumbprint }
        listed.certificate = certificate
        #expect(isRefused(listed))
    }

    @Test func `an expired certificate is refused although its endorsement lasts`() throws {
        let key = PrivateKey.generate(.p256)
        let certificate = try fixture.network.authority.certificate(
            for: "id-1709.polres.ppa", key: key, use: .encryption, from: -3600, until: -60)
        var listed = try fixture.listed(fixture.network.police) { $0.thumbprint = certificate.thumbprint }
        listed.certificate = certificate
        #expect(isRefused(listed))
    }

    @Test func `a certificate that may not receive keys is refused`() throws {
        let signing = fixture.network.police.signing.certificate
        var listed = try fixture.listed(fixture.network.police) { $0.thumbprint = signing.thumbprint }
        listed.certificate = signing
        #expect(isRefused(listed))
    }

    @Test func `an agency that the directory does not list is refused by name`() throws {
        #expect(throws: ClientError(.refused, "recipient-unknown", LocalizedText("", ""))) {
            try fixture.known.sealingCertificates(
                of: fixture.network.police.id, in: DirectoryListing(agencies: [:]), at: fixture.now)
        }
    }

    @Test func `a sealing certificate that its agency endorsed is taken`() throws {
        #expect(try sealing(try fixture.listed(fixture.network.police)) == [fixture.network.police.seal])
    }

    @Test(arguments: [true, false])
    func `a new sign certificate is believed only where a known one endorsed it`(isEndorsed: Bool) throws {
        let police = fixture.network.police
        let renewed = try fixture.network.authority.certificate(
            for: police.id.description, key: PrivateKey.generate(.p256))
        let endorsement = Endorsement(
            agency: police.id, use: .sign, thumbprint: renewed.thumbprint, from: fixture.now,
            until: fixture.later(3600))
        let signer = isEndorsed ? police : fixture.network.shelter
        let listed = DirectoryListing.Listed(
            use: "sign", certificate: renewed, endorsement: try signer.signing.endorsement(endorsement))
        let known = fixture.known.extended(by: DirectoryListing(agencies: [police.id: [listed]]), at: fixture.now)
        #expect((known.signer(renewed.thumbprint)?.agency == police.id) == isEndorsed)
        guard isEndorsed else { return }
        let believed = try #require(known.signer(renewed.thumbprint))
        #expect(believed.isValid(at: fixture.now) && believed.isValid(at: fixture.later(3599)))
        #expect(!believed.isValid(at: fixture.later(-1)) && !believed.isValid(at: fixture.later(3600)))
    }

    @Test(arguments: ["note.txt", "Not-An-Id.pem"])
    func `a file in the known folder that names no agency is an error`(name: String) throws {
        try FileAccess.writeDurably(Array(fixture.network.authority.anchor.pem.utf8), to: "\(fixture.folder)/\(name)")
        #expect(throws: ClientError.self) { try KnownKeys(folder: fixture.folder, trust: fixture.trust) }
    }

    @Test func `the file name says whose certificate it is`() throws {
        let police = fixture.network.police
        try FileAccess.writeDurably(
            Array(police.signing.certificate.pem.utf8), to: "\(fixture.folder)/\(police.id).pem")
        let known = try KnownKeys(folder: fixture.folder, trust: fixture.trust)
        #expect(known.signer(police.signing.certificate.thumbprint)?.agency == police.id)
    }
}
