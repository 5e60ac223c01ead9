import Foundation
import Glibc
import JOSE
import PushTesting
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// Pushing with the real daemon: to a receiver over mutual TLS, whose certificate the hub's own authority has issued.
@Suite struct PushTests {
    private let desk = "id-1709.imigrasi"
    private let office = "id-1709.gugus-tugas"

    /// A hub whose attempts and pauses are short.
    private func hub() async throws -> RunningHub {
        let hub = try await RunningHub()
        try hub.configure("limits: {pushSeconds: 5, pushBreakerSeconds: 1, pushBackoffSeconds: 1, pushFailures: 2}")
        return hub
    }

    private func receiver(
        of hub: RunningHub, port: Int = 0,
        _ behave: @escaping @Sendable (PushReceiver.Request) -> PushReceiver.Behaviour
    ) async throws -> PushReceiver {
        let anchor = try Certificate(pem: try String(contentsOfFile: hub.path("trust/ca.pem"), encoding: .utf8))
        let issuer = try PrivateKey(pem: try String(contentsOfFile: hub.path("trust/ca.key"), encoding: .utf8))
        let key = PrivateKey.generate(.p256)
        let template = CertificateTemplate(
            commonName: "receiver", names: [.ip("127.0.0.1")], extendedUsages: [.serverAuth],
            notBefore: anchor.notBefore, notAfter: anchor.notBefore + 86400 * 30)
        let certificate = try CertificateAuthority.issue(
            template, for: key.publicKey, issuer: anchor, key: issuer)
        return try await PushReceiver.start(
            port: port, chainPEM: certificate.pem, keyPEM: key.pem, anchorPEM: anchor.pem, behave)
    }

    /// Names the receiver in the roster.
    private func list(_ receiver: PushReceiver, at agency: String, in hub: RunningHub) throws {
        let path = hub.path("roster/\(agency).yaml")
        let entry = try String(contentsOfFile: path, encoding: .utf8)
        let lines = "push: https://127.0.0.1:\(receiver.port)/simpul\npushPrivateAddresses: true\n"
        try (entry + lines).write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func send(_ count: Int, from hub: RunningHub) async throws -> [MessageID] {
        let agency = try hub.agency(desk)
        var ids: [MessageID] = []
        for _ in 0..<count {
            let report = try Report(from: agency, to: office)
            guard case .receipt = try await agency.hub.submit(report.envelope, seconds: 20) else {
                throw HubTrouble(what: "a report was not accepted")
            }
            ids.append(report.id)
        }
        await agency.hub.close()
        return ids
    }

    /// Waits until the sender is shown that state of each message.
    private func require(_ state: String, of ids: [MessageID], at hub: RunningHub) async throws {
        let agency = try hub.agency(desk)
        let deadline = ContinuousClock.now.advanced(by: .seconds(180))
        for id in ids {
            var shown = ""
            while ContinuousClock.now < deadline, shown != state {
                shown = try await agency.hub.message(id)["state"]?.string ?? ""
                if shown != state { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(shown == state)
        }
        await agency.hub.close()
    }

    private static func acknowledging(_ request: PushReceiver.Request) -> PushReceiver.Behaviour {
        let digest = SignedEnvelope.digest(ofUnparsed: Array(request.body.utf8))
        return .answer(200, [("Simpul-Ack", digest?.description ?? "none")])
    }

    @Test(.timeLimit(.minutes(4)))
    func `a reload begins to push, with the broker's certificate, and an acknowledgement settles`() async throws {
        let hub = try await hub()
        try await hub.start()
        let before = try await send(2, from: hub)
        let receiver = try await receiver(of: hub, Self.acknowledging)
        try list(receiver, at: office, in: hub)
        kill(hub.pid, SIGHUP)
        try await require("acknowledged", of: before, at: hub)
        try await require("acknowledged", of: send(3, from: hub), at: hub)
        #expect(receiver.requests.count == 5)
        let shown = try Certificate(pem: String(contentsOfFile: hub.path("broker/tls.pem"), encoding: .utf8))
        for request in receiver.requests { #expect(request.clientCertificate == shown.der) }
        let log = try String(contentsOfFile: hub.path("daemon.log"), encoding: .utf8)
        for request in receiver.requests { #expect(!log.contains(request.headers["simpul-delivery"] ?? "?")) }
        try await receiver.stop()
    }

    @Test(.timeLimit(.minutes(4)))
    func `a signed receipt settles with what it says`() async throws {
        let hub = try await hub()
        let agency = try hub.agency(office)
        let (signing, broker) = (agency.keys.signing, agency.profile.hub)
        let receiver = try await receiver(of: hub) { request in
            let token = try? Self.opened(request.body, by: signing, at: broker)
            return .answer(200, [("Content-Type", "application/jose")], token ?? "none")
        }
        try list(receiver, at: office, in: hub)
        try await hub.start()
        try await require("opened", of: send(1, from: hub), at: hub)
        await agency.hub.close()
        try await receiver.stop()
    }

    private static func opened(_ envelope: String, by signing: SigningIdentity, at hub: AgencyID) throws -> String {
        let payload = try #require(Base64URL.decode(Array(envelope.split(separator: ".")[1].utf8)))
        let header = try JSONDocument(Deflate.inflate(payload[...], limit: 1 << 20)).root["header"]
        let statement = ReceiptStatement(
            .opened, broker: hub, sender: try #require(header?["sender"]?.string.flatMap { AgencyID($0) }),
            id: try #require(header?["id"]?.string.flatMap { MessageID($0) }),
            digest: SignedEnvelope.digest(ofUnparsed: Array(envelope.utf8)), at: .now,
            agency: signing.agency, by: "petugas-piket")
        return try signing.receipt(statement).text
    }

    @Test(.timeLimit(.minutes(4)), arguments: [true, false])
    func `a daemon that ends in the middle of a push pushes again when it is back`(_ hard: Bool) async throws {
        let hub = try await hub()
        let receiver = try await receiver(of: hub) { request in
            request.connection == 1 ? .hang : Self.acknowledging(request)
        }
        try list(receiver, at: office, in: hub)
        try await hub.start()
        let ids = try await send(1, from: hub)
        try await receiver.waits(for: 1)
        if hard { await hub.killHard() } else { #expect(await hub.terminate(within: .seconds(20)) == 0) }
        try await hub.start()
        try await require("acknowledged", of: ids, at: hub)
        #expect(Set(receiver.requests.map(\.body)).count == 1, "the same octets each time")
        #expect(Set(receiver.requests.compactMap { $0.headers["simpul-delivery"] }).count == receiver.requests.count)
        try await receiver.stop()
    }

    @Test(.timeLimit(.minutes(4)))
    func `a receiver that was down gets everything when it is back`() async throws {
        let hub = try await hub()
        let down = try await receiver(of: hub, Self.acknowledging)
        try list(down, at: office, in: hub)
        try await down.stop()
        try await hub.start()
        let ids = try await send(4, from: hub)
        try await requireStatus(#""lastOutcome":"connect-failed""#, of: hub)
        try await requireStatus(#""breakerOpenUntil""#, of: hub)
        let back = try await receiver(of: hub, port: down.port, Self.acknowledging)
        try await require("acknowledged", of: ids, at: hub)
        try await requireStatus(#""lastOutcome":"settled""#, of: hub)
        #expect(back.requests.count == 4)
        try await back.stop()
    }

    /// Waits until the status document says that.
    private func requireStatus(_ text: String, of hub: RunningHub) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(120))
        var shown = ""
        while ContinuousClock.now < deadline, !shown.contains(text) {
            shown = try StatusReader.read(hub.path("status.sock"), "/status")
        }
        #expect(shown.contains(text))
    }
}

/// Asks the status socket as curl does.
enum StatusReader {
    static func read(_ path: String, _ target: String) throws -> String {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw HubTrouble(what: "the status socket does not answer") }
        let request = Array("GET \(target) HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n".utf8)
        guard write(descriptor, request, request.count) == request.count else { return "" }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 { answer += chunk[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }
}
