import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@testable import SimpulClient

@Suite struct SenderTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func accepting(repeated: Bool = false) throws -> ScriptedHub {
        let fixture = fixture
        return ScriptedHub(directory: try fixture.directory()) { _, envelope throws(HubError) in
            guard let receipt = try? fixture.accepted(envelope) else { throw .unusable("the test's own receipt") }
            return .receipt(receipt, repeated: repeated)
        }
    }

    private func refusing(_ receipt: @escaping @Sendable ([UInt8]) throws -> Receipt?) -> ScriptedHub {
        ScriptedHub { _, envelope throws(HubError) in
            guard let receipt = try? receipt(envelope) else {
                return .problem(ProblemDocument(status: 403, code: "policy-denied", title: "denied"))
            }
            return .problem(ProblemDocument(status: 403, code: "policy-denied", title: "denied", receipt: receipt))
        }
    }

    @Test func `a broker out of reach leaves the envelope in the spool and says so`() async throws {
        let hub = ScriptedHub(directory: try fixture.directory())
        let (sender, spool, sleeps) = try fixture.sender(hub)
        let error = await #expect(throws: ClientError.self) {
            try await sender.send(fixture.alert(), until: fixture.later(60))
        }
        let id = try #require(try spool.waiting().first)
        #expect(error?.outcome == .unable)
        #expect(error?.detail.english.contains("\(id) stays in the spool") == true)
        #expect(Set(hub.submitted).count == 1)
        #expect(hub.submitted.first == (try spool.waiting(id))?.bytes)
        #expect(sleeps.withLockedValue { $0.prefix(7) } == [250, 500, 1000, 2000, 4000, 8000, 10_000])
        #expect(sleeps.withLockedValue { $0.reduce(0, +) } < 60_000)
    }

    @Test func `a sealed message is in the spool though the broker is out of reach, where its directory is kept`()
        async throws
    {
        let hub = ScriptedHub()
        let (sender, spool, _) = try fixture.sender(hub)
        await #expect(throws: ClientError.self) { try await sender.send(fixture.alert(), until: fixture.later(10)) }
        #expect(try spool.waiting().isEmpty)
        DirectoryCache(spoolFolder: spool.folder).keep(try fixture.directory())
        await #expect(throws: ClientError.self) { try await sender.send(fixture.alert(), until: fixture.later(60)) }
        #expect(try spool.waiting().count == 1)
        #expect(!hub.submitted.isEmpty)
    }

    @Test func `a refusal for good is told and not repeated, and the id is free again`() async throws {
        let fixture = fixture
        let hub = refusing { try fixture.refused($0) }
        let (sender, spool, _) = try fixture.sender(hub)
        await #expect(throws: ClientError(.refused, "policy-denied", LocalizedText("", ""))) {
            try await sender.send(fixture.report(), until: fixture.later(60))
        }
        #expect(hub.submitted.count == 1)
        #expect(try spool.waiting().isEmpty)
    }

    @Test(arguments: ["no receipt", "another signer", "another sender", "another message", "accepted"])
    func `a refusal that the broker did not sign leaves the envelope in the spool`(fault: String) async throws {
        let fixture = fixture
        let other = try TestMessage(from: fixture.network.immigration, to: [fixture.network.police], at: fixture.now)
            .envelope()
        let hub = refusing { envelope in
            switch fault {
            case "no receipt": nil
            case "another signer": try fixture.refused(envelope, by: fixture.network.police.signing)
            case "another sender": try fixture.refused(envelope, sender: fixture.network.police.id)
            case "another message": try fixture.refused(other)
            default: try fixture.accepted(envelope)
            }
        }
        let (sender, spool, _) = try fixture.sender(hub)
        let error = await #expect(throws: ClientError(.refused, "policy-denied", LocalizedText("", ""))) {
            try await sender.send(fixture.report(), until: fixture.later(60))
        }
        let id = try #require(try spool.waiting().first)
        #expect(error?.detail.english.contains("\(id) stays in the spool") == true)
        #expect(hub.submitted.count == 1)
    }

    @Test func `a busy broker is asked again no sooner than it says`() async throws {
        let fixture = fixture
        let busy = ProblemDocument(
            status: 503, code: "storage-unavailable", title: "busy", isTemporary: true, retryAfter: 7)
        let hub = ScriptedHub { count, envelope throws(HubError) in
            guard count > 1, let receipt = try? fixture.accepted(envelope) else { return .problem(busy) }
            return .receipt(receipt, repeated: false)
        }
        let (sender, spool, sleeps) = try fixture.sender(hub)
        let submitted = try await sender.send(fixture.report(), until: fixture.later(60))
        #expect(sleeps.withLockedValue { $0 } == [7000])
        #expect(Set(hub.submitted).count == 1)
        #expect(FileAccess.exists("\(spool.folder)/receipts/\(submitted.id).receipt"))
        #expect(try spool.waiting().isEmpty)
    }

    @Test(arguments: ["another signer", "another message"])
    func `a receipt that proves nothing leaves the envelope in the spool`(fault: String) async throws {
        let fixture = fixture
        let other = try TestMessage(from: fixture.network.immigration, to: [fixture.network.police], at: fixture.now)
            .envelope()
        let hub = ScriptedHub { _, envelope throws(HubError) in
            let forged =
                fault == "another signer"
                ? try? fixture.accepted(envelope, by: fixture.network.police.signing) : try? fixture.accepted(other)
            guard let forged else { throw .unusable("the test's own receipt") }
            return .receipt(forged, repeated: false)
        }
        let (sender, spool, _) = try fixture.sender(hub)
        await #expect(throws: ClientError.self) { try await sender.send(fixture.report(), until: fixture.later(60)) }
        let id = try #require(try spool.waiting().first)
        #expect(!FileAccess.exists("\(spool.folder)/receipts/\(id).receipt"))
    }

    @Test func `nothing is sealed or kept without an endorsed certificate of every party`() async throws {
        let hub = ScriptedHub(directory: DirectoryListing(agencies: [fixture.network.police.id: []]))
        let (sender, spool, _) = try fixture.sender(hub)
        await #expect(throws: ClientError(.refused, "seal-unendorsed", LocalizedText("", ""))) {
            try await sender.send(fixture.alert(), until: fixture.later(60))
        }
        #expect(try spool.waiting().isEmpty && hub.submitted.isEmpty)
    }

    @Test func `the same document with the same id is the same envelope again`() async throws {
        let hub = try accepting()
        let (sender, _, _) = try fixture.sender(hub)
        let document = fixture.alert { header, _ in header["id"] = "019cb7bb-7c10-7b5a-8a5e-f372fe94f82a" }
        let first = try await sender.send(document, until: fixture.later(60))
        let second = try await sender.send(document, until: fixture.later(60))
        #expect(first.digest == second.digest)
        #expect(hub.submitted.count == 2 && Set(hub.submitted).count == 1)
    }

    @Test func `another document under the same id is refused before anything is sent`() async throws {
        let hub = try accepting()
        let (sender, _, _) = try fixture.sender(hub)
        func document(_ headline: String) -> GivenDocument {
            fixture.alert { header, body in
                header["id"] = "019cb7bb-7c10-7b5a-8a5e-f372fe94f82a"
                body["headline"] = .string(headline)
            }
        }
        _ = try await sender.send(document("CONTOH FIKTIF 1"), until: fixture.later(60))
        await #expect(throws: ClientError(.refused, "id-conflict", LocalizedText("", ""))) {
            try await sender.send(document("CONTOH FIKTIF 2"), until: fixture.later(60))
        }
        #expect(hub.submitted.count == 1)
    }

    @Test func `names in the spool hold the id and nothing else`() async throws {
        let (sender, spool, _) = try fixture.sender(try accepting())
        let id = try await sender.send(fixture.alert(), until: fixture.later(60)).id
        let names = try FileAccess.names(in: spool.folder, limit: 10)
        #expect(Set(names) == ["\(id).source", "receipts", "sent", "directory.json"])
        #expect(try FileAccess.names(in: spool.folder + "/sent", limit: 10) == ["\(id).jose"])
        #expect(try FileAccess.names(in: spool.folder + "/receipts", limit: 10) == ["\(id).receipt"])
    }
}
