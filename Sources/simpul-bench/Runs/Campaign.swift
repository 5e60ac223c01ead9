import Foundation
import Glibc
import NIOPosix

/// All rounds of all scenarios, in turn, so that a slow minute of the machine hits each of them.
struct Campaign {
    let scenarios: [Scenario]
    let rounds: Int
    let settings: Settings
    let programs: String
    let keep: Bool

    func run() async throws -> Report {
        FileLimit.raise()
        let folder = try Self.temporaryFolder()
        Cleanup.begin(folder: folder, keep: keep)
        defer { Cleanup.removeFolder() }
        if keep { Terminal.note("the hubs stay in \(folder)") }
        let template = try HubTemplate(in: "\(folder)/new", programs: programs)
        let needs = scenarios.compactMap { settings.need(of: $0) } + scenarios.flatMap { settings.further(of: $0) }
        let stock = try await LoadStock(needs, agencies: template.agencies)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.loops)
        var (outcomes, crypto): ([Outcome], [CryptoCost]) = ([], [])
        for round in 1...rounds {
            crypto += [CryptoCost.measure()].compactMap { $0 }
            for (index, scenario) in scenarios.enumerated() {
                let name = "\(folder)/\(round)-\(index)"
                outcomes.append(await outcome(of: scenario, round, template, name, stock, group))
            }
        }
        crypto += [CryptoCost.measure()].compactMap { $0 }
        try await group.shutdownGracefully()
        let sizes = needs.map { ($0.kind, stock.meanOctets($0.kind) ?? 0) }
        return Report(
            machine: .describe(), settings: settings, meanOctets: Dictionary(sizes, uniquingKeysWith: { $1 }),
            outcomes: outcomes, crypto: crypto)
    }

    private func outcome(
        of scenario: Scenario, _ round: Int, _ template: HubTemplate, _ folder: String, _ stock: LoadStock,
        _ group: MultiThreadedEventLoopGroup
    ) async -> Outcome {
        var outcome = Outcome(scenario: scenario, round: round)
        do {
            let hub = try await template.start(as: folder)
            let bench = Bench(
                hub: hub, agencies: template.agencies, stock: stock, group: group, settings: settings,
                stockFolder: template.folder)
            do {
                outcome.values = try await bench.run(scenario)
            } catch {
                outcome.void = "\(error)"
            }
            await hub.stop()
        } catch {
            outcome.void = "\(error)"
        }
        Terminal.note("round \(round), \(scenario): \(Self.summary(outcome))")
        return outcome
    }

    private static func summary(_ outcome: Outcome) -> String {
        if let void = outcome.void { return "VOID: \(void)" }
        let shown: [Metric] = [
            .rate, .p50, .p99, .submitRate, .drainRate, .streamP99, .pushP99, .floodP50, .floodP99,
            .floodStreamP99, .floodPushP99, .startMilliseconds, .daemonMicroseconds,
            .clientMicroseconds, .idleMiB, .pollKiB, .streamKiB,
        ]
        return shown.compactMap { metric in
            outcome.values[metric].map { "\(metric.title) \(Report.short($0))" }
        }.joined(separator: ", ")
    }

    private static func temporaryFolder() throws(BenchError) -> String {
        let place = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(place)/simpul-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no folder can be made in \(place)") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// How many files this process may have open: each connection is one.
enum FileLimit {
    /// Raises the soft limit as far as the hard one lets it.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
