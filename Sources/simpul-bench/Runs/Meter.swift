import Glibc

/// Processor time and commits between two moments, for each message.
struct Meter {
    private let hub: RunningHub
    private let daemon: ProcessUsage
    private let client: ProcessUsage
    private let commits: Int?

    /// Starts to measure.
    init(_ hub: RunningHub) throws(BenchError) {
        self.hub = hub
        commits = try hub.status.metric(Self.commitsName)
        daemon = try ProcessUsage(of: hub.pid)
        client = try ProcessUsage(of: getpid())
    }

    /// What was used since, by message.
    func stop(messages: Int) throws(BenchError) -> [Metric: Double] {
        guard messages > 0 else { throw BenchError("no message was answered in the window") }
        let each = 1e6 / Double(messages)
        let daemonSeconds = try ProcessUsage(of: hub.pid).processorSeconds - daemon.processorSeconds
        let clientSeconds = try ProcessUsage(of: getpid()).processorSeconds - client.processorSeconds
        var values: [Metric: Double] = [
            .daemonMicroseconds: daemonSeconds * each, .clientMicroseconds: clientSeconds * each,
            .residentMiB: Double(try ProcessUsage.residentBytes(of: hub.pid)) / 1_048_576,
        ]
        if let commits, let now = try hub.status.metric(Self.commitsName) {
            values[.commitsPerMessage] = Double(now - commits) / Double(messages)
        }
        return values
    }

    private static let commitsName = "simpul_store_commits_total"
}
