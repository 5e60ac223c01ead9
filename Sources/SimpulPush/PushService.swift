public import Logging
internal import NIOCore
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

    /// Pushes until the task is cancelled or the service group stops; what is on its way then is given back.
    public func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                var running: [AgencyID: (endpoint: PushEndpoint, task: Task<Void, Never>)] = [:]
                let changes = broker.rulebook.changes()
                replace(&running)
                for await _ in changes { replace(&running) }
                for (_, pusher) in running {
                    pusher.task.cancel()
                    group.addTask { await pusher.task.value }
                }
            }
        }
        transport.stop()
    }

    /// Ends what is not in the roster any more, and begins what is new.
    private func replace(_ running: inout [AgencyID: (endpoint: PushEndpoint, task: Task<Void, Never>)]) {
        let wanted = broker.rulebook.rules.roster.pushed
        for (agency, pusher) in running where wanted[agency] != pusher.endpoint {
            pusher.task.cancel()
        }
        for (agency, endpoint) in wanted where running[agency]?.endpoint != endpoint {
            let before = running[agency]?.task
            let pusher = Pusher(
                agency, of: broker, transport: transport, settings: PushDestination.Settings(broker.limits),
                random: { .random(in: 0...1) }, logger: logger)
            let task = Task {
                // One at a time: the row of the board is one agency's.
                await before?.value
                await pusher.run()
            }
            running[agency] = (endpoint, task)
        }
        running = running.filter { wanted[$0.key] == $0.value.endpoint }
    }
}

extension PushService: CustomStringConvertible, CustomReflectable {
    /// The name alone: service groups write their services into the log.
    public var description: String { "PushService" }
    /// Nothing: the parts hold keys and rosters.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
