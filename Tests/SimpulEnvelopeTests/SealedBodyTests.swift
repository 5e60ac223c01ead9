import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@Suite struct SealedBodyTests {
    let network: TestNetwork
    let limits = Limits()

    init() throws { network = try TestNetwork.shared.get() }

    private func alert(saying text: String = "CONTOH FIKTIF") -> TestMessage {
        var message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        message.becomeSealedAlert(for: [network.police])
        message.body["headline"] = .string(text)
        return message
    }

    private func parsed(_ json: JSON) throws -> JSONValue { try JSONDocument(json.bytes).root }

    /// What the police say to a body under a header.
    private func opening(_ body: JSON, under header: JSON, by agency: TestAgency? = nil) throws -> SealedBodyError? {
        let sealed = try SealedBody(parsing: parsed(body), limits: limits)
        let agency = agency ?? network.police
        let header = try network.catalogue.header(parsed(header))
        do {
            _ = try sealed.open(with: agency.sealKey, certificate: agency.seal, header: header, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the recipient opens what was sealed`() throws {
        let message = alert()
        let document = try message.document()
        let sealed = try SealedBody(parsing: parsed(document.body), limits: limits)
        let header = try network.catalogue.header(parsed(document.header))
        let body = try sealed.open(
            with: network.police.sealKey, certificate: network.police.seal, header: header, limits: limits)
        #expect(try body == parsed(message.body))
    }

    @Test func `nobody else opens it`() throws {
        let document = try alert().document()
        #expect(try opening(document.body, under: document.header, by: network.shelter) == .notForThisKey)
    }

    @Test func `a body lifted into another sender's message is refused`() throws {
        let original = try alert().document()
        var lifted = TestMessage(from: network.shelter, to: [network.police], at: network.now)
        lifted.becomeSealedAlert(for: [network.police])
        lifted.header["bodyDigest"] = original.header["bodyDigest"]
        lifted.header["id"] = original.header["id"]
        #expect(try opening(original.body, under: lifted.header) == .senderDiffers)
    }

    @Test func `a body moved under another id or another digest is refused`() throws {
        let original = try alert().document()
        var header = original.header
        header["id"] = alert().header["id"]
        #expect(try opening(original.body, under: header) == .idDiffers)
        header = original.header
        header["bodyDigest"] = .string("sha-256:" + String(repeating: "0", count: 64))
        #expect(try opening(original.body, under: header) == .digestDiffers)
    }

    @Test func `bodies of similar size are sealed to equal length, and never to the same octets`() throws {
        let short = try alert(saying: "CONTOH FIKTIF").document().body
        let long = try alert(saying: "CONTOH FIKTIF: dua pemohon paspor diduga anak").document().body
        #expect(try parsed(short)["ciphertext"]?.utf8?.count == parsed(long)["ciphertext"]?.utf8?.count)
        #expect(try alert().document().body["ciphertext"] != short["ciphertext"])
    }

    @Test func `more recipients than the limit are refused before any is looked at`() throws {
        var body = try alert().document().body
        let one = try #require(parsed(body)["recipients"]?.elements.first { _ in true })
        body["recipients"] = .array(Array(repeating: JSON(one), count: limits.sealRecipients + 1))
        #expect(
            throws: Refusal.schemaInvalid([.init(pointer: "/body/recipients", keyword: "jwe", detail: .init("", ""))])
        ) {
            try SealedBody(parsing: parsed(body), limits: limits)
        }
    }

    @Test func `a body that is too large to seal is refused`() throws {
        let noise = Base64URL.encode(SecureRandom.bytes(80_000))
        #expect(throws: Refusal(.tooLarge, at: .validate, LocalizedText("", ""))) {
            try SealedBody.seal(
                ["x": .string(noise)], id: require(alert().id), sender: network.immigration.id,
                for: [network.police.seal], limits: limits)
        }
    }
}
