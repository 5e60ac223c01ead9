public import Logging
public import ServiceLifecycle
public import SimpulBroker
internal import SimpulCore

/// Pushes deliveries to every agency whose roster entry has an endpoint: one ``Pusher`` for each, which a change of the
/// roster starts, ends, or, where the endpoint is another one, begins anew.
public struct PushService: Service {
    private let broker: Broker
    private let transport: HTTPSTransport
    private let logger: Logger

    /// A service that does nothing until ``run()``.
    public init(broker: Broker, transport: HTTPSTransport, logger: Logger) {
        self.broker = broker
        self.transport = transport
        self.logger = logger
    }

    private typealias Running = [AgencyID: (endpoint: PushEndpoint, task: Task<Void, Never>)]

    /// Pushes until the task is cancelled or the service group stops; what is on its way then is given back.
    public func run() async {
        await cancelWhenGracefulShutdown {
            var running: Running = [:]
            let changes = broker.rulebook.changes()
            await replace(&running)
            for await _ in changes { await replace(&running) }
            await Self.end(running)
        }
        transport.stop()
    }

    /// Ends what is not in the roster any more, and begins what is new.
    private func replace(_ running: inout Running) async {
        let wanted = broker.rulebook.rules.roster.pushed
        let old = running.filter { wanted[$0.key] != $0.value.endpoint }
        await Self.end(old)
        for agency in old.keys { running[agency] = nil }
        for (agency, endpoint) in wanted where running[agency] == nil {
            let pusher = Pusher(
                agency, of: broker, transport: transport, settings: PushDestination.Settings(broker.limits),
                random: { .random(in: 0...1) }, logger: logger)
            running[agency] = (endpoint, Task { await pusher.run() })
        }
    }

    /// Returns once they have given back what was on its way.
    private static func end(_ running: Running) async {
        for pusher in running.values { pusher.task.cancel() }
        for pusher in running.values { await pusher.task.value }
    }
}

extension PushService: CustomStringConvertible, CustomReflectable {
    /// The name alone: service groups write their services into the log.
    public var description: String { "PushService" }
    /// Nothing: the parts hold keys and rosters.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
