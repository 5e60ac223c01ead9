import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// The stages of the path, one refusal after the other.
@Suite struct ApprovalTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func draft() -> TestMessage {
        TestMessage(from: network.immigration, to: [network.police], at: network.now)
    }

    /// What the path says to a token that the passport desk submits.
    private func refusal(of bytes: [UInt8], roster: Roster? = nil, policy: Policy? = nil) async throws -> Refusal? {
        let broker = try network.makeBroker(on: MemoryStore(), roster: roster, policy: policy)
        let caller = try network.caller(network.immigration, of: broker)
        do {
            _ = try await broker.intake.approve(broker.authenticator.submission(bytes, from: caller))
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    private func refusal(of change: (inout TestMessage) throws -> Void) async throws -> Refusal? {
        var message = draft()
        try change(&message)
        return try await refusal(of: message.envelope())
    }

    /// A token whose protected header is changed before it is signed by the passport desk.
    private func token(payload: [UInt8]? = nil, _ change: (inout JSON) -> Void) throws -> [UInt8] {
        let desk = network.immigration
        let message = draft()
        var header: JSON = [
            "alg": "ES256", "typ": "simpul+jws",
            "x5t#S256": .string(desk.signing.certificate.thumbprint.base64url), "zip": "DEF",
        ]
        change(&header)
        let document = JSON.object([JSON.Member("header", message.header), JSON.Member("body", message.body)])
        return try CompactJWS.sign(
            header: header, payload: payload ?? Deflate.deflate(document.bytes), key: desk.signKey, algorithm: .ES256)
    }

    @Test func `a good message passes with the rule that allows each recipient`() async throws {
        let message = try await network.approved(draft())
        #expect(message.decisions.map(\.agency) == [network.police.id])
        #expect(message.decisions.map(\.rule) == ["open-activity-report"])
    }

    @Test func `a good sealed message passes`() async throws {
        var message = draft()
        message.becomeSealedAlert(for: [network.police])
        #expect(try await refusal(of: message.envelope()) == nil)
    }

    @Test(arguments: ["", "garbage", "a.b", "a.b.c.d", "e30.e30.e30=", "e30.e30. e30", "e31.e30.e30", "W10.e30.e30"])
    func `what is no compact JWS is refused as such`(text: String) async throws {
        #expect(try await refusal(of: Array(text.utf8))?.code == .notJOSE)
    }

    @Test func `one line end after the token is not part of it, two are`() async throws {
        let token = try draft().envelope()
        #expect(try await refusal(of: token + Array("\r\n".utf8)) == nil)
        #expect(try await refusal(of: token + Array("\n".utf8)) == nil)
        #expect(try await refusal(of: token + Array("\n\n".utf8))?.code == .notJOSE)
    }

    @Test(arguments: ["none", "HS256", "ES384", "ES512", "PS384", "PS512", "RS384", "RS512", "ES256K", "Ed25519", ""])
    func `another algorithm is refused before anything else is looked at`(name: String) async throws {
        #expect(try await refusal(of: token { $0["alg"] = .string(name) })?.code == .algorithmRefused)
    }

    @Test func `RS256 is refused unless the roster allows it`() async throws {
        #expect(try await refusal(of: token { $0["alg"] = "RS256" })?.code == .algorithmRefused)
    }

    @Test(arguments: [KeyKind.p384, .p521, .ed448])
    func `a certificate of another kind of key is not listed, and nobody signs with one`(kind: KeyKind) async throws {
        let key = PrivateKey.generate(kind)
        let certificate = try network.authority.certificate(for: "other", key: key)
        #expect(SigningIdentity(agency: network.police.id, certificate: certificate, key: key) == nil)
        #expect(throws: RosterFaults.self) {
            try network.roster { agency in
                guard agency.id == network.police.id else { return }
                agency.certificates.append(RosterCertificate(agency: agency.id, use: .sign, certificate: certificate))
            }
        }
        let header: JSON = [
            "alg": .string(key.defaultAlgorithm.rawValue), "typ": "simpul+jws",
            "x5t#S256": .string(certificate.thumbprint.base64url),
        ]
        let token = try CompactJWS.sign(header: header, payload: [], key: key, algorithm: key.defaultAlgorithm)
        // The roster would already have said no; neither does the envelope believe such a key.
        let envelope = try? SignedEnvelope(parsing: token, limits: Limits())
        #expect(envelope?.isSigned(by: key.publicKey) != true)
    }

    @Test(arguments: ["alg", "typ", "x5t#S256"])
    func `a missing parameter is refused`(name: String) async throws {
        #expect(try await refusal(of: token { $0[name] = nil })?.code == .parameterRefused)
    }

    @Test(arguments: [
        ("crit", "[\"exp\"]"), ("b64", "false"), ("kid", "\"x\""), ("jwk", "{}"), ("typ", "\"JWT\""), ("zip", "\"GZ\""),
        ("zip", "null"), ("x5t#S256", "\"AAAA\""), ("x5t#S256", "7"), ("alg", "7"),
    ])
    func `an unknown parameter or value is refused`(name: String, value: String) async throws {
        let refusal = try await refusal(of: token { $0[name] = .verbatim(Array(value.utf8)) })
        #expect(refusal?.code == .parameterRefused)
    }

    @Test func `a thumbprint that is not listed to sign is refused, even a listed TLS certificate's`() async throws {
        let tls = network.immigration.tls.thumbprint.base64url
        #expect(try await refusal(of: token { $0["x5t#S256"] = .string(tls) })?.code == .signerUnknown)
        let unknown = Base64URL.encode([UInt8](repeating: 7, count: 32))
        #expect(try await refusal(of: token { $0["x5t#S256"] = .string(unknown) })?.code == .signerUnknown)
    }

    @Test func `another agency's key does not verify under the own thumbprint`() async throws {
        let own = network.immigration.signing.certificate.thumbprint.base64url
        let header: JSON = ["alg": "ES256", "typ": "simpul+jws", "x5t#S256": .string(own)]
        let token = try CompactJWS.sign(
            header: header, payload: [], key: network.police.signKey, algorithm: .ES256)
        #expect(try await refusal(of: token)?.code == .signatureInvalid)
    }

    @Test func `another agency's message is not submitted for it`() async throws {
        let foreign = TestMessage(from: network.police, to: [network.protection], at: network.now)
        #expect(try await refusal(of: foreign.envelope())?.code == .senderMismatch)
        var claimed = foreign
        claimed.header["sender"] = .string(network.immigration.id.description)
        #expect(try await refusal(of: claimed.envelope())?.code == .senderMismatch)
    }

    @Test func `a flipped bit in any part is refused`() async throws {
        let token = try draft().envelope()
        let dots = token.indices.filter { token[$0] == UInt8(ascii: ".") }
        for index in [dots[0] + 40, dots[1] + 10] {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(try await refusal(of: changed)?.code == .signatureInvalid)
        }
    }

    @Test func `a payload that is no whole DEFLATE stream is refused`() async throws {
        let good = Deflate.deflate(Array("{}".utf8))
        for payload in [Array(good.dropLast()), good + [0], [0xFF, 0xFF], []] {
            #expect(try await refusal(of: token(payload: payload) { _ in })?.code == .inflateFailed)
        }
    }

    @Test func `a bomb is refused while it inflates`() async throws {
        let bomb = Deflate.deflate([UInt8](repeating: 0x20, count: 8 * 1024 * 1024))
        let refusal = try await refusal(of: token(payload: bomb) { _ in })
        #expect(refusal?.code == .tooLarge && refusal?.stage == .inflate)
    }

    @Test(arguments: [
        "", "{", "{}x", "{\"header\":{},\"header\":{},\"body\":{}}", "{\"a\":1,\"\\u0061\":2}", "[\"\\ud800\"]",
        String(repeating: "[", count: 10_000), "{\"a\":9007199254740992}", "{\"a\":1e400}", "\u{FEFF}{}",
    ])
    func `a document that is not strict JSON is refused`(text: String) async throws {
        let refusal = try await refusal(of: token(payload: Array(text.utf8)) { $0["zip"] = nil })
        #expect(refusal?.code == .jsonInvalid)
    }

    @Test(arguments: [
        "[]", "{}", "{\"header\":{}}", "{\"header\":{},\"body\":{},\"x\":1}", "{\"header\":1,\"body\":{}}",
    ])
    func `a document has exactly header and body`(text: String) async throws {
        let refusal = try await refusal(of: token(payload: Array(text.utf8)) { $0["zip"] = nil })
        #expect(refusal?.code == .schemaInvalid)
        #expect(refusal?.faults.isEmpty == false)
    }

    @Test func `a message for another broker is refused`() async throws {
        #expect(try await refusal { $0.header["hub"] = "id-1710.simpul" }?.code == .wrongHub)
    }

    @Test(arguments: [
        ("type", "outcome"), ("schema", "activity-report/2.0"), ("schema", "activity-report/1.1"),
        ("schema", "alert/1.0"), ("schema", "activity-report"),
    ])
    func `an unknown type or version is refused`(member: String, value: String) async throws {
        #expect(try await refusal { $0.header[member] = .string(value) }?.code == .schemaUnknown)
    }

    @Test func `every fault of header and body is listed with its place`() async throws {
        let inHeader = try await refusal { $0.header["tlp"] = "PINK" }
        #expect(inHeader?.code == .schemaInvalid && inHeader?.faults.map(\.pointer) == ["/header/tlp"])
        let inBody = try await refusal {
            $0.body["activity"] = nil
            $0.body["surprise"] = true
        }
        #expect(inBody?.code == .schemaInvalid)
        #expect(Set(inBody?.faults.map(\.pointer) ?? []) == ["/body", "/body/surprise"])
    }

    @Test(arguments: [("sent", 301), ("sent", -30 * 86400 - 1), ("expires", 0), ("expires", 31 * 86400)])
    func `a time out of bounds is refused`(member: String, seconds: Int) async throws {
        let time = network.now.advanced(bySeconds: Int64(seconds)).description
        let refusal = try await refusal { $0.header[member] = .string(time) }
        #expect(refusal?.code == .timeInvalid && refusal?.faults.map(\.pointer).contains("/header/\(member)") == true)
    }

    @Test func `a recipient that is no active agency is refused`() async throws {
        #expect(try await refusal { $0.header["recipients"] = ["id-1709.nobody"] }?.code == .recipientUnknown)
        let police = network.police.id
        let roster = try network.roster { if $0.id == police { $0.isActive = false } }
        #expect(try await refusal(of: draft().envelope(), roster: roster)?.code == .recipientUnknown)
    }

    @Test func `what must be sealed is refused in the clear, whatever its label`() async throws {
        for privacy in ["P4", "P1"] {
            let refusal = try await refusal {
                $0.becomeSealedAlert(for: [])
                $0.header["child"] = "no"
                $0.header["privacy"] = .string(privacy)
            }
            #expect(refusal?.code == .mustBeSealed)
        }
        #expect(try await refusal { $0.header["child"] = "presumed" }?.code == .mustBeSealed)
    }

    @Test func `a consent about a child is taken in the clear, unless its own label is higher`() async throws {
        let consent = { (message: inout TestMessage) in
            message.becomeConsent()
            message.header["child"] = "yes"
        }
        #expect(try await refusal(of: consent) == nil)
        let labelled = try await refusal {
            consent(&$0)
            $0.header["privacy"] = "P3"
        }
        #expect(labelled?.code == .mustBeSealed)
    }

    @Test func `a body is sealed for every party and for nobody else`() async throws {
        let (police, protection) = (network.police, network.protection)
        for sealedTo in [[protection], [police, protection], [network.immigration]] {
            #expect(try await refusal { $0.becomeSealedAlert(for: sealedTo) }?.code == .sealRecipients)
        }
        let fallback = JSON.array([.string(protection.id.description)])
        let tooFew = try await refusal {
            $0.becomeSealedAlert(for: [police])
            $0.header["fallback"] = fallback
        }
        #expect(tooFew?.code == .sealRecipients)
    }

    @Test func `a sealed body names its digest, and a clear one none`() async throws {
        var message = draft()
        message.becomeSealedAlert(for: [network.police])
        let sealed = try message.document()
        let token = try message.sender.signing.envelope(header: message.header, body: sealed.body)
        #expect(try await refusal(of: token)?.code == .schemaInvalid)
        let digest = "sha-256:" + String(repeating: "0", count: 64)
        #expect(try await refusal { $0.header["bodyDigest"] = .string(digest) }?.code == .schemaInvalid)
    }

    @Test(arguments: ["unprotected", "aad", "zip", "crit", "extra"])
    func `a sealed body with another member is refused`(member: String) async throws {
        var message = draft()
        message.becomeSealedAlert(for: [network.police])
        var document = try message.document()
        document.body[member] = "x"
        let token = try message.sender.signing.envelope(header: document.header, body: document.body)
        #expect(try await refusal(of: token)?.code == .parameterRefused)
    }

    @Test func `an empty policy refuses a good message and names the missed rule for each party`() async throws {
        let policy = Policy(rules: [], digest: try network.openPolicy().digest)
        let refusal = try await refusal(of: draft().envelope(), policy: policy)
        #expect(refusal?.code == .policyDenied && refusal?.faults.map(\.pointer) == ["/header/recipients/0"])
        #expect(refusal?.detail.english.contains("no rule for activity-report") == true)
    }

    @Test func `a listed attachment that is not here is missed`() async throws {
        let digest = "sha-256:" + String(repeating: "0", count: 64)
        let refusal = try await refusal {
            $0.header["attachments"] = [["digest": .string(digest), "bytes": 1]]
        }
        #expect(refusal?.code == .attachmentMissing)
    }
}
