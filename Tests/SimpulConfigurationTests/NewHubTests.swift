import Foundation
import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import Testing

@testable import SimpulConfiguration

@Suite struct NewHubTests {
    @Test(
        arguments: [
            ("127.0.0.1", 0), ("127.0.0.1", 65536), ("", 8443), ("a b", 8443), ("-a.example", 8443), ("1.2.3", 8443),
            ("fe80::1%eth0", 8443),
        ])
    func `an address or port that cannot be used is refused`(_ address: String, _ port: Int) throws {
        let hub = try #require(AgencyID("id-1709.simpul"))
        #expect(throws: NewHubError.self) { try NewHub(hub: hub, address: address, port: port, hostName: "h") }
    }

    @Test func `a hub with the id of one of its agencies is refused`() throws {
        let hub = try #require(AgencyID("id-1709.imigrasi"))
        #expect(throws: NewHubError.self) { try NewHub(hub: hub, address: "::", port: 1, hostName: "h") }
    }

    @Test func `a folder that is not empty, or a file, is refused and stays as it is`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("hub/mine.txt", "x")
        let new = try scratch.newHub()
        for name in ["hub", "hub/", "hub/mine.txt"] {
            #expect(throws: NewHubError.occupied) { try new.write(to: scratch.path(name), now: .test) }
        }
        #expect(try scratch.names("") == ["hub"])
        #expect(try scratch.names("hub") == ["mine.txt"])
    }

    @Test func `a failure half-way leaves nothing behind`() throws {
        let scratch = try ScratchFolder()
        let files = [NewFile("a/b.pem", "1"), NewFile("a/b.pem", "2")]
        #expect(throws: NewHubError.self) {
            try NewFolder(files: files, emptyFolders: []).write(to: scratch.path("hub"))
        }
        #expect(try scratch.names("").isEmpty)
    }

    @Test func `it is whole, and keys are for their owner alone`() throws {
        let scratch = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: scratch.path("hub"), withIntermediateDirectories: true)
        let written = try scratch.newHub().write(to: scratch.path("hub"), now: .test)
        #expect(try scratch.names("") == ["hub"])
        #expect(written.count == 8 * (6 + 9 + 4) + 12)
        for file in written {
            #expect(try scratch.mode("hub/" + file) == (file.hasSuffix(".key") ? 0o600 : 0o644), "\(file)")
        }
        for folder in ["trust", "broker", "data", "agencies/id-1709.imigrasi"] {
            #expect(try scratch.mode("hub/" + folder) == 0o700)
        }
        let known = try scratch.names("hub/agencies/id-17.gugus-tugas/known")
        #expect(known.count == 9)
        #expect(known.contains("id-1709.simpul.pem") && known.contains("id-17.gugus-tugas.pem"))
    }

    @Test func `the daemon reads it without a fault, and it is what was asked for`() throws {
        let scratch = try ScratchFolder()
        let configuration = try scratch.hub()
        #expect(configuration.hub.description == "id-1709.simpul")
        #expect(configuration.address == "hub.example.id" && configuration.port == 9443)
        #expect(configuration.statusSocket == scratch.path("hub/status.sock") && configuration.statusMode == 0o660)
        let identity = configuration.identity
        #expect(identity.tlsCertificate.dnsNames == ["localhost", "machine", "hub.example.id"])
        #expect(identity.tlsCertificate.hasServerAuth && identity.tlsCertificate.hasClientAuth)
        #expect(identity.checkpoints.publicKey.kind == .ed25519)
        #expect(configuration.rules.roster.agencies.count == 8)
        let profile = try scratch.text("hub/agencies/id-1709.imigrasi/simpul.yaml")
        #expect(profile.contains("url: \"https://hub.example.id:9443\"\n"))
    }

    @Test(arguments: [("0.0.0.0", "https://127.0.0.1:8443"), ("::", "https://[::1]:8443")])
    func `agencies find a hub that listens everywhere on this machine`(_ address: String, _ url: String) throws {
        let hub = try #require(AgencyID("id-1709.simpul"))
        #expect(try NewHub(hub: hub, address: address, port: 8443, hostName: "").url == url)
    }

    @Test func `every seal certificate is endorsed and can be sealed to, and TLS peers are known`() throws {
        let scratch = try ScratchFolder()
        let roster = try scratch.hub().rules.roster
        for agency in roster.agencies.values {
            #expect(agency.certificates.map(\.use) == [.tls, .sign, .seal])
            #expect(agency.certificates[2].endorsement != nil)
            #expect(roster.sealingCertificates(of: agency.id, at: .test).count == 1)
            let tls = agency.certificates[0].certificate
            #expect(tls.hasClientAuth && !tls.hasServerAuth)
            #expect(tls.subjectAlternativeURIs == ["urn:simpul:agency:\(agency.id)"])
            guard
                case .trusted(let chain) = roster.trust.verify(
                    tls, intermediates: [], purpose: .tlsClient, at: Timestamp.test.seconds)
            else {
                Issue.record("\(agency.id) is not trusted")
                continue
            }
            #expect(roster.agency(ofPeer: chain, at: .test)?.id == agency.id)
        }
    }
}
