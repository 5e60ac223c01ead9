import SimpulCore
import Testing

@testable import SimpulClient

@Suite struct ClientProfileTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private static let good = """
        agency: id-1709.imigrasi
        hub: id-1709.simpul
        url: https://127.0.0.1:8443
        ca: ca.pem
        tls:  { certificate: tls.pem,  key: tls.key }
        sign: { certificate: sign.pem, key: sign.key }
        seal: [{ certificate: seal.pem, key: /keys/seal.key }]
        known: known
        spool: spool
        """

    private func profile(_ text: String) throws(ClientError) -> ClientProfile {
        let path = fixture.folder + "/simpul.yaml"
        do {
            try FileAccess.writeDurably(Array(text.utf8), to: path)
        } catch {
            throw ClientError(error)
        }
        return try ClientProfile(file: path)
    }

    private func fault(_ text: String) -> String {
        do {
            _ = try profile(text)
            return ""
        } catch {
            #expect(error.outcome == .unable && error.code == "profile")
            return error.detail.english
        }
    }

    @Test func `a file that is not there is named`() {
        let path = fixture.folder + "/absent.yaml"
        #expect(throws: ClientError.self) { try ClientProfile(file: path) }
    }

    @Test func `every fault is told at once with its place`() {
        let text = Self.good.replacing("id-1709.imigrasi", with: "Imigrasi").replacing("spool:", with: "spoool:")
        let fault = fault(text)
        #expect(fault.contains("simpul.yaml:1:9:"))
        #expect(fault.contains("simpul.yaml:9:1:"))
        #expect(fault.contains("the key spool is missing"))
        #expect(!fault.contains("Imigrasi"))
    }

    @Test(arguments: [
        "http://127.0.0.1", "https://", "https://user@host", "https://host/path", "https://host:0",
        "https://host:70000",
        "https://host?x", "https://ho st", "https://[::1", "https://::1",
    ])
    func `an address that is no broker's is refused`(url: String) {
        #expect(fault(Self.good.replacing("https://127.0.0.1:8443", with: "\"\(url)\"")).contains("simpul.yaml:3:"))
    }

    @Test(arguments: [
        "https://127.0.0.1:8443", "https://[::1]:8443", "https://simpul.example", "https://simpul.example/",
    ])
    func `an address of a broker is taken`(url: String) throws {
        let taken = try profile(Self.good.replacing("https://127.0.0.1:8443", with: "\"\(url)\"")).address.description
        #expect(taken == (url.hasSuffix("/") ? String(url.dropLast()) : url))
    }

    @Test func `a profile without a sealing key is refused`() {
        #expect(
            fault(Self.good.replacing("[{ certificate: seal.pem, key: /keys/seal.key }]", with: "[]")).contains(
                "at least one"))
    }

    @Test func `paths start in the profile's folder`() throws {
        let profile = try profile(Self.good)
        #expect(profile.tls.key == fixture.folder + "/tls.key")
        #expect(profile.seal.first?.key == "/keys/seal.key")
        #expect(profile.spool == fixture.folder + "/spool")
    }
}
