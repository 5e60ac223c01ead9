import Logging
import ServiceLifecycle
import SimpulBroker
import SimpulCore

/// Watches the clocks as long as the daemon runs.
struct ClockService: Service {
    let broker: Broker
    let logger: Logger

    func run() async throws {
        let start = ContinuousClock.now
        let logger = logger
        let pulse = ClockWatch.Pulse {
            let passed = start.duration(to: .now).components
            return passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
        } sleep: { milliseconds in
            await Self.sleep(milliseconds)
        } failed: { error in
            logger.error("Clocks cannot fire; they are tried again", metadata: ["cause": "\(error.cause)"])
        } fired: { round in
            let counts = round.rungs.sorted { $0.key.rawValue < $1.key.rawValue }
            logger.notice(
                "Clocks have run out",
                metadata: [
                    "rungs": "\(counts.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "))",
                    "incidents": "\(round.incidents)", "postponed": "\(round.postponed)",
                ])
        } purged: { count in
            logger.info("Envelopes purged", metadata: ["count": "\(count)"])
        }
        await cancelWhenGracefulShutdown { await broker.clocks.run(pulse) }
    }

    /// - Returns: false where the daemon stops.
    private static func sleep(_ milliseconds: Int64) async -> Bool {
        guard milliseconds > 0 else { return !Task.isCancelled }
        return (try? await Task.sleep(for: .milliseconds(milliseconds), clock: .continuous)) != nil
    }
}
