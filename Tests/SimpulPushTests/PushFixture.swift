import JOSE
import Logging
import NIOConcurrencyHelpers
import PushTesting
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulPush

/// A broker with two agencies that have their deliveries pushed, receivers for them, and a transport with short bounds.
struct PushFixture {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker
    let transport: HTTPSTransport
    let log = CapturedLog()

    /// Seconds that tests wait for what must come.
    static let patience = 600

    /// The host that receivers of these tests are called by.
    static let host = "masuk.example"

    /// What `masuk.example` and `umpan.example` lead to.
    static let addresses: [String: [String]] = [
        host: ["127.0.0.1"], "masuk.instansi.example": ["127.0.0.1"], "umpan.example": ["169.254.169.254", "10.0.0.1"],
        "berubah.example": ["127.0.0.1"],
    ]

    init(
        bounds change: (inout PushBounds) -> Void = { _ in },
        ask: @escaping @Sendable (String) -> [NetworkAddress] = { PushFixture.lookUp($0) }
    ) throws {
        network = try TestNetwork.shared.get()
        // Receivers live at this moment, whatever the network's is.
        let moment = network.now
        // Where all tests run at once, whole minutes may pass between two steps of one; none of these bounds may end then.
        var limits = Limits()
        (limits.pushSeconds, limits.pushConnectSeconds, limits.pushLookupSeconds) = (Self.patience, 600, 600)
        broker = try network.makeBroker(on: store, limits: limits, now: PushFixture.clock(from: moment))
        var bounds = PushBounds(limits)
        change(&bounds)
        let key = PrivateKey.generate(.p256)
        let certificate = try network.authority.certificate(
            for: "id-1709.simpul", key: key, usages: [.serverAuth, .clientAuth])
        transport = try HTTPSTransport(
            chainPEM: Array(certificate.pem.utf8), keyPEM: Array(key.pem.utf8), allowsTLS12: false, bounds: bounds,
            now: { moment }, ask: ask)
    }

    static func lookUp(_ host: String) -> [NetworkAddress] {
        (addresses[host] ?? []).compactMap { NetworkAddress($0) }
    }

    /// The network's moment, going on.
    private static func clock(from moment: Timestamp) -> @Sendable () -> Timestamp {
        let start = ContinuousClock.now
        return {
            let passed = start.duration(to: .now).components
            let milliseconds = passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
            return Timestamp(milliseconds: moment.milliseconds + milliseconds)
        }
    }

    /// A receiver with a certificate of the network's authority.
    func receiver(
        names: [CertificateTemplate.AlternativeName] = [.dns(PushFixture.host)],
        usages: [CertificateTemplate.ExtendedUsage] = [.serverAuth], authority: TestAuthority? = nil,
        from: Int64 = -3600, until: Int64 = 80 * 86400, atMostTLS12: Bool = false,
        _ behave: @escaping @Sendable (PushReceiver.Request) -> PushReceiver.Behaviour
    ) async throws -> PushReceiver {
        let key = PrivateKey.generate(.p256)
        let certificate = try (authority ?? network.authority).certificate(
            for: "receiver", key: key, usages: usages, names: names, from: from, until: until)
        // It asks for no client certificate: BoringSSL would judge it by the machine's clock, not by the network's.
        return try await PushReceiver.start(
            chainPEM: certificate.pem, keyPEM: key.pem, anchorPEM: nil, atMostTLS12: atMostTLS12, behave)
    }

    /// A certificate for the host of these tests, and its key.
    func freshReceiverKey() throws -> (chain: String, key: String) {
        let key = PrivateKey.generate(.p256)
        let certificate = try network.authority.certificate(
            for: "receiver", key: key, usages: [.serverAuth], names: [.dns(Self.host)])
        return (certificate.pem, key.pem)
    }

    func endpoint(
        _ receiver: PushReceiver, host: String = PushFixture.host, path: String = "/simpul", isPrivate: Bool = true
    ) throws -> PushEndpoint {
        try #require(
            PushEndpoint("https://\(host):\(receiver.port)\(path)", allowsPrivateAddresses: isPrivate))
    }

    /// Posts some octets, past any broker.
    func post(
        to endpoint: PushEndpoint, _ envelope: String = "aaaa.bbbb.cccc", trust: TrustStore? = nil
    ) async throws -> PushOutcome {
        await transport.post(
            PushRequest(
                agency: network.police.id, endpoint: endpoint, token: DeliveryToken(), envelope: Array(envelope.utf8),
                trust: try trust ?? network.roster().trust))
    }

    /// Bounds of waiting in thousandths of what they are.
    static let settings = PushDestination.Settings(
        windowFirst: 2, windowMost: 4, failures: 3, breaker: 20...100, backoff: 5...20, pauseMost: 50)

    /// Lists endpoints in the roster in force.
    func list(_ endpoints: [AgencyID: PushEndpoint]) throws {
        let roster = try network.roster { $0.push = endpoints[$0.id] }
        broker.rulebook.replace(with: Rulebook.Rules(roster: roster, policy: broker.rulebook.rules.policy))
    }

    func pusher(_ agency: TestAgency, settings: PushDestination.Settings = PushFixture.settings) -> Pusher {
        Pusher(
            agency.id, of: broker, transport: transport, settings: settings, random: { 0.5 },
            logger: Logger(label: "test") { [log] _ in log })
    }

    /// Accepts a report for those agencies.
    func submit(to recipients: [TestAgency]) async throws -> MessageKey {
        let draft = TestMessage(from: network.immigration, to: recipients, at: network.now)
        _ = try await broker.intake.accept(
            draft.envelope(), from: network.caller(network.immigration, of: broker))
        return MessageKey(sender: network.immigration.id, id: try #require(draft.id))
    }

    /// Returns once an agency's deliveries are in that state; throws where they are not within a while.
    func wait(
        for state: DeliveryState, of key: MessageKey, at agency: TestAgency, seconds: Int = PushFixture.patience
    ) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while ContinuousClock.now < deadline {
            let found = try await store.state(of: key)?.deliveries.first { $0.agency == agency.id }
            if found?.state == state { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("the delivery is not \(state.rawValue): \(log.text)")
    }

    /// Runs pushers for as long as the body runs.
    func pushing(to agencies: [TestAgency], _ body: () async throws -> Void) async throws {
        let tasks = agencies.map { agency in Task { await pusher(agency).run() } }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        try result.get()
    }
}

/// A receiver that does its part.
func acknowledging(_ request: PushReceiver.Request) -> PushReceiver.Behaviour {
    .answer(200, [("Simpul-Ack", ackDigest(of: request.body))])
}

/// The digest that acknowledges an envelope.
func ackDigest(of envelope: String) -> String {
    let signed = envelope.utf8.prefix(upTo: envelope.utf8.lastIndex(of: UInt8(ascii: ".")) ?? envelope.utf8.endIndex)
    return "sha-256:" + SHA256.hash(Array(signed)).hex
}

/// What was logged.
final class CapturedLog: LogHandler, Sendable {
    private let lines = NIOLockedValueBox<[String]>([])

    var text: String { lines.withLockedValue { $0.joined(separator: "\n") } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.withLockedValue { $0.append("\(event.level) \(event.message) " + fields.joined(separator: " ")) }
    }
}
