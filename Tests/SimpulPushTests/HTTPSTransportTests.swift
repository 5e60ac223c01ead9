import JOSE
import NIOConcurrencyHelpers
import PushTesting
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulPush

@Suite struct HTTPSTransportTests {
    private func failure(_ outcome: PushOutcome) -> PushTrouble? {
        if case .failed(let trouble) = outcome { trouble } else { nil }
    }

    private func status(_ outcome: PushOutcome) -> Int? {
        if case .answered(let answer) = outcome { answer.status } else { nil }
    }

    @Test func `the envelope is posted as it is, with its token, and the answer comes back`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver { _ in
            .answer(200, [("Simpul-Ack", "x"), ("Content-Type", "application/jose")], "a.b.c")
        }
        let outcome = try await fixture.post(to: fixture.endpoint(receiver), "eyJ.aaa.bbb")
        #expect(
            outcome
                == .answered(
                    PushAnswer(
                        status: 200, acknowledgements: ["x"], mediaType: "application/jose", body: Array("a.b.c".utf8)))
        )
        let request = try #require(receiver.requests.first)
        #expect(request.line == "POST /simpul" && request.body == "eyJ.aaa.bbb")
        #expect(request.headers["host"] == "masuk.example:\(receiver.port)")
        #expect(request.headers["content-type"] == "application/jose" && request.headers["content-length"] == "11")
        #expect(DeliveryToken(request.headers["simpul-delivery"] ?? "") != nil)
        try await receiver.stop()
    }

    @Test func `a connection is used again, and none is kept beyond the bound`() async throws {
        let fixture = try PushFixture { $0.idleConnections = 1 }
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        for _ in 0..<5 { #expect(status(try await fixture.post(to: endpoint)) == 200) }
        #expect(receiver.connections == 1 && fixture.transport.kept == 1)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try? await fixture.post(to: endpoint) } }
        }
        #expect(fixture.transport.kept <= 1)
        try await receiver.stop()
    }

    @Test func `a kept connection that the receiver has closed costs no attempt`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        #expect(status(try await fixture.post(to: endpoint)) == 200)
        try await receiver.stop()
        let again = try await PushFixture.restart(receiver.port, fixture, acknowledging)
        #expect(status(try await fixture.post(to: endpoint)) == 200)
        try await again.stop()
    }

    @Test func `a kept connection is judged again: a revoked certificate gets nothing more`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        #expect(status(try await fixture.post(to: endpoint)) == 200)
        let nobody = TrustStore(anchors: [], revocationLists: [], generation: 2)
        #expect(failure(try await fixture.post(to: endpoint, trust: nobody))?.failure == .certificateRefused)
        #expect(receiver.requests.count == 1)
        try await receiver.stop()
    }

    @Test func `certificates that must not be trusted`() async throws {
        let fixture = try PushFixture()
        let stranger = try TestAuthority(at: fixture.network.now)
        let cases: [(String, PushReceiver)] = [
            ("untrusted", try await fixture.receiver(authority: stranger, acknowledging)),
            ("wrongPurpose", try await fixture.receiver(usages: [.clientAuth], acknowledging)),
            ("wrongPurpose", try await fixture.receiver(usages: [], acknowledging)),
            ("expired", try await fixture.receiver(until: -60, acknowledging)),
            ("notYetValid", try await fixture.receiver(from: 60, acknowledging)),
        ]
        for (detail, receiver) in cases {
            let trouble = failure(try await fixture.post(to: fixture.endpoint(receiver)))
            #expect(trouble == PushTrouble(.certificateRefused, detail: detail))
            #expect(receiver.requests.isEmpty, "\(detail): nothing leaves before the certificate is judged")
            try await receiver.stop()
        }
    }

    @Test func `a certificate must name the host of the URL`() async throws {
        let fixture = try PushFixture()
        let cases: [[CertificateTemplate.AlternativeName]] = [
            [], [.dns("lain.example")], [.dns("x.masuk.example")], [.ip("127.0.0.1")], [.dns("*.example")],
            [.uri("https://masuk.example/")],
        ]
        for names in cases {
            let receiver = try await fixture.receiver(names: names, acknowledging)
            #expect(failure(try await fixture.post(to: fixture.endpoint(receiver))) == PushTrouble(.nameMismatch))
            try await receiver.stop()
        }
        let wild = try await fixture.receiver(names: [.dns("*.instansi.example")], acknowledging)
        #expect(status(try await fixture.post(to: fixture.endpoint(wild, host: "masuk.instansi.example"))) == 200)
        try await wild.stop()
    }

    @Test func `an address in a URL must stand in the certificate as one`() async throws {
        let fixture = try PushFixture()
        let named = try await fixture.receiver(names: [.dns("127.0.0.1")], acknowledging)
        let trouble = failure(try await fixture.post(to: fixture.endpoint(named, host: "127.0.0.1")))
        #expect(trouble == PushTrouble(.nameMismatch))
        let good = try await fixture.receiver(names: [.ip("127.0.0.1")], acknowledging)
        #expect(status(try await fixture.post(to: fixture.endpoint(good, host: "127.0.0.1"))) == 200)
        try await named.stop()
        try await good.stop()
    }

    @Test func `no TLS, and an older TLS, get nothing`() async throws {
        let fixture = try PushFixture()
        let plain = try await PushReceiver.start(chainPEM: nil, keyPEM: nil, acknowledging)
        let old = try await fixture.receiver(atMostTLS12: true, acknowledging)
        for receiver in [plain, old] {
            #expect(failure(try await fixture.post(to: fixture.endpoint(receiver)))?.failure == .handshakeFailed)
            #expect(receiver.requests.isEmpty)
            try await receiver.stop()
        }
    }

    @Test func `a private address needs the word of the roster, whatever name leads to it`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver, isPrivate: false)
        #expect(failure(try await fixture.post(to: endpoint)) == PushTrouble(.addressRefused))
        let bait = try #require(PushEndpoint("https://umpan.example/"))
        #expect(failure(try await fixture.post(to: bait)) == PushTrouble(.addressRefused))
        #expect(receiver.connections == 0)
        try await receiver.stop()
    }

    @Test func `the address that was judged is connected to: a name is looked up once a connection`() async throws {
        let asked = NIOLockedValueBox(0)
        let fixture = try PushFixture { _ in
        } ask: { _ in
            // The first answer is allowed, every later one would lead elsewhere.
            asked.withLockedValue { $0 += 1 }
            return asked.withLockedValue { $0 } == 1 ? [NetworkAddress("127.0.0.1")!] : [NetworkAddress("0.0.0.0")!]
        }
        let receiver = try await fixture.receiver(names: [.dns("berubah.example")], acknowledging)
        let endpoint = try fixture.endpoint(receiver, host: "berubah.example")
        #expect(status(try await fixture.post(to: endpoint)) == 200)
        #expect(asked.withLockedValue { $0 } == 1)
        try await receiver.stop()
        #expect(failure(try await fixture.post(to: endpoint)) == PushTrouble(.addressRefused))
        #expect(asked.withLockedValue { $0 } == 2)
    }

    @Test func `a name that is unknown fails; one that was known stays reachable without the DNS`() async throws {
        let works = NIOLockedValueBox(true)
        let fixture = try PushFixture { _ in
        } ask: { host in
            works.withLockedValue { $0 } ? PushFixture.lookUp(host) : []
        }
        let nowhere = try #require(PushEndpoint("https://tidak-ada.example/"))
        #expect(failure(try await fixture.post(to: nowhere)) == PushTrouble(.nameUnresolved))
        let receiver = try await fixture.receiver { _ in .answer(500) }
        let endpoint = try fixture.endpoint(receiver)
        #expect(status(try await fixture.post(to: endpoint)) == 500)
        works.withLockedValue { $0 = false }
        #expect(status(try await fixture.post(to: endpoint)) == 500)
        #expect(receiver.connections == 2)
        try await receiver.stop()
    }

    @Test func `nobody listens`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        try await receiver.stop()
        #expect(failure(try await fixture.post(to: endpoint)) == PushTrouble(.connectFailed))
    }

    @Test func `a redirect is not followed`() async throws {
        let fixture = try PushFixture()
        let elsewhere = try await fixture.receiver(acknowledging)
        let port = elsewhere.port
        let receiver = try await fixture.receiver { _ in
            .answer(301, [("Location", "https://masuk.example:\(port)/")])
        }
        #expect(status(try await fixture.post(to: fixture.endpoint(receiver))) == 301)
        #expect(elsewhere.connections == 0)
        try await receiver.stop()
        try await elsewhere.stop()
    }

    @Test func `what is no answer is told so, and no octet beyond the bound is taken`() async throws {
        let fixture = try PushFixture { $0.answerBytes = 4096 }
        let filler = String(repeating: "x", count: 1024)
        let cases: [(PushFailure, PushReceiver.Behaviour)] = [
            (.connectionLost, .drop), (.answerMalformed, .raw("\u{1}\u{2}garbage\r\n\r\n")),
            (.answerMalformed, .raw("SSH-2.0-OpenSSH_9.6\r\n")),
            (.answerMalformed, .raw("HTTP/1.1 abc\r\n\r\n")),
            (.answerTooLarge, .endless("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", then: filler)),
            (.answerTooLarge, .endless("HTTP/1.1 200 OK\r\n", then: "A: \(filler)\r\n")),
            (.answerTooLarge, .endless("", then: "HTTP/1.1 102 Processing\r\n\r\n")),
            (
                .answerTooLarge,
                .endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", then: "400\r\n\(filler)\r\n")
            ),
        ]
        for (expected, behaviour) in cases {
            let receiver = try await fixture.receiver { _ in behaviour }
            let trouble = failure(try await fixture.post(to: fixture.endpoint(receiver)))
            #expect(trouble == PushTrouble(expected), "\(behaviour)")
            #expect(fixture.transport.kept == 0)
            try await receiver.stop()
        }
    }

    @Test func `an endless answer that says no at once is over at once`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver { _ in
            .endless("HTTP/1.1 500 No\r\nContent-Length: 10000000000\r\n\r\n", then: "x")
        }
        #expect(status(try await fixture.post(to: fixture.endpoint(receiver))) == 500)
        #expect(fixture.transport.kept == 0)
        try await receiver.stop()
    }

    @Test func `silence, and an answer that comes letter by letter, end in time`() async throws {
        let fixture = try PushFixture { $0.attempt = .milliseconds(300) }
        let slow = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        for behaviour in [PushReceiver.Behaviour.hang, .headOnly, .trickle("HTTP/1.1 200 "), .trickle(slow)] {
            let receiver = try await fixture.receiver { _ in behaviour }
            #expect(failure(try await fixture.post(to: fixture.endpoint(receiver))) == PushTrouble(.timeout))
            try await receiver.stop()
        }
    }

    @Test func `a handshake that never comes ends in time`() async throws {
        let fixture = try PushFixture { $0.connect = .milliseconds(200) }
        let silent = try await SilentListener.start()
        let endpoint = try #require(
            PushEndpoint("https://masuk.example:\(silent.port)/", allowsPrivateAddresses: true))
        #expect(failure(try await fixture.post(to: endpoint)) == PushTrouble(.timeout))
        try await silent.stop()
    }

    @Test func `a name that the system looks for without end stops neither this attempt nor others`() async throws {
        let fixture = try PushFixture {
            $0.lookup = .milliseconds(100)
            $0.lookups = 2
        } ask: { host in
            if host == "lambat.example" { SlowName.shared.wait() }
            return PushFixture.lookUp(host)
        }
        defer { SlowName.shared.release() }
        let slow = try #require(PushEndpoint("https://lambat.example/"))
        for _ in 0..<3 { #expect(failure(try await fixture.post(to: slow)) == PushTrouble(.nameUnresolved)) }
        let receiver = try await fixture.receiver(acknowledging)
        // A busy machine may take longer than this test's bound once.
        var found: Int?
        for _ in 0..<100 where found == nil { found = status(try await fixture.post(to: fixture.endpoint(receiver))) }
        #expect(found == 200)
        try await receiver.stop()
    }

    @Test func `a cancelled task returns, wherever it is`() async throws {
        let fixture = try PushFixture()
        let receiver = try await fixture.receiver { _ in .hang }
        let endpoint = try fixture.endpoint(receiver)
        let task = Task { try await fixture.post(to: endpoint) }
        try await receiver.waits(for: 1)
        task.cancel()
        #expect(try await task.value == .cancelled)
        #expect(try await Task { try await fixture.post(to: endpoint) }.cancelled().value == .cancelled)
        try await receiver.stop()
    }
}

extension Task {
    fileprivate func cancelled() -> Self {
        cancel()
        return self
    }
}
