internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle
public import SimpulBroker
internal import SimpulCore

/// The broker on the network: the HTTPS port for agencies, and the status socket for operators of this machine.
///
/// The port opens last: after the store has answered and the status socket listens. When a stop is asked for, new
/// submissions are answered 503 `draining`, waiting calls return at once, connections close after their answer, and
/// what is left is cut after `Limits.shutdownSeconds`.
public struct HubServer: Service {
    /// The version of this program.
    public static let version = "0.1.0"

    private let broker: Broker
    private let tls: ServerTLS
    private let listen: ListenAddress
    private let statusSocket: String
    private let statusMode: UInt32
    private let statusRights: StatusRights
    private let reload: @Sendable () async -> ReloadOutcome
    private let logger: Logger
    private let onReady: @Sendable (Int) async -> Void
    private let readiness = Readiness()
    private let open = OpenConnections()

    /// A server that does nothing until ``run()``.
    /// - Parameters:
    ///   - statusSocket: the path of the Unix domain socket, at most 103 octets. Its folder exists; a socket that is
    ///     there already is replaced, so the caller makes sure that no other broker runs.
    ///   - statusMode: its mode. Until it is set, the process's umask decides, which must be no wider.
    ///   - statusRights: who may do more on it than read.
    ///   - reload: reads roster and policy again, for an operator who asks.
    ///   - onReady: called once, with the port that is open.
    public init(
        broker: Broker, tls: ServerTLS, listen: ListenAddress, statusSocket: String, statusMode: UInt32,
        statusRights: StatusRights, logger: Logger, reload: @escaping @Sendable () async -> ReloadOutcome,
        onReady: @escaping @Sendable (Int) async -> Void
    ) {
        self.broker = broker
        self.tls = tls
        self.listen = listen
        self.statusSocket = statusSocket
        self.statusMode = statusMode
        self.statusRights = statusRights
        self.reload = reload
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves until the task is cancelled or the service group stops.
    /// - Throws: where the store does not answer, the certificate and key do not fit, or a socket cannot be opened.
    public func run() async throws {
        _ = try await broker.store.statistics(at: broker.now())
        let (listening, statusListens) = AsyncStream<Void>.makeStream()
        let status = statusApplication { statusListens.finish() }
        var agencies = try agencyApplication()
        agencies.beforeServerStarts { for await _ in listening {} }
        // Stopped in reverse: the status socket tells of the stop until the port is closed.
        var configuration = ServiceGroupConfiguration(
            services: [
                Listener(application: status, place: "the status socket \(statusSocket)"),
                Listener(application: agencies, place: "the port \(listen.port)"),
            ], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(broker.limits.shutdownSeconds)
        let group = ServiceGroup(configuration: configuration)
        defer { readiness.portClosed() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await group.run()
        } onCancelOrGracefulShutdown: {
            beginStop()
        }
    }

    private func beginStop() {
        readiness.stop()
        // A second before the end, since closing TLS takes its own time.
        let (open, seconds) = (open, max(0, broker.limits.shutdownSeconds - 1))
        Task {
            try await Task.sleep(for: .seconds(seconds))
            open.closeAll()
        }
    }

    private func agencyApplication() throws -> Application<API> {
        let bounds = ServerBounds(
            broker.limits, idleSeconds: Int64(broker.limits.waitSeconds) + 30, invitedBytes: broker.limits.batchBytes)
        let handshake = Handshake(
            tls: try tls.configuration(), seconds: bounds.limits.handshakeSeconds, rulebook: broker.rulebook,
            connections: AgencyConnections(atMost: broker.limits.connectionsPerAgency), counters: broker.counters,
            now: broker.now, logger: logger)
        let (conduct, open, counters) = (conduct(bounds), open, broker.counters)
        return Application(
            responder: API(broker: broker, readiness: readiness, logger: logger),
            server: HTTPServerBuilder { responder in
                HubChannel(
                    responder: responder, handshake: handshake, conduct: conduct, open: open, counters: counters)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(listen.host, port: listen.port), backlog: bounds.limits.backlog,
                availableConnectionsDelegate: .maximum(broker.limits.connections, logger: logger)),
            onServerRunning: { [readiness, onReady, logger] channel in
                let port = channel.localAddress?.port ?? 0
                readiness.portOpened()
                logger.record(.notice, "HTTPS port is open", [.port: "\(port)"])
                await onReady(port)
            }, logger: logger)
    }

    private func statusApplication(onListening: @escaping @Sendable () -> Void) -> Application<StatusAPI> {
        let bounds = ServerBounds(broker.limits, idleSeconds: 30, invitedBytes: 0)
        let source = StatusSource(broker: broker, readiness: readiness, started: broker.now())
        let (conduct, open, path, mode) = (conduct(bounds), open, statusSocket, statusMode)
        return Application(
            responder: StatusAPI(
                source: source, operations: Operations(broker: broker, readiness: readiness, reloading: reload),
                gate: StatusGate(statusRights), logger: logger),
            server: HTTPServerBuilder { responder in
                HubChannel(responder: responder, handshake: nil, conduct: conduct, open: open, counters: nil)
            },
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: path),
                availableConnectionsDelegate: .maximum(bounds.limits.statusConnections, logger: logger)),
            onServerRunning: { [logger] _ in
                if !StatusSocket.setMode(mode, of: path) {
                    logger.record(.error, "Status socket keeps a wrong mode", [:])
                }
                onListening()
            }, logger: logger)
    }

    private func conduct(_ bounds: ServerBounds) -> RequestGuard.Settings {
        RequestGuard.Settings(bounds: bounds) { [counters = broker.counters, logger] in
            let problem = Problem(Refusal.malformedHTTP)
            let trace = Trace.fresh()
            counters.countRefusal(problem.code)
            logger.record(.info, "Octets refused that are no HTTP request", [.trace: trace])
            return problem.json(.english, trace: trace).bytes
        }
    }
}

extension HubServer: CustomStringConvertible, CustomReflectable {
    /// The name alone: service groups write their services into the log.
    public var description: String { "HubServer" }
    /// Nothing: the parts hold keys and rosters.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
