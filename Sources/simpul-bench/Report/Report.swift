import StrictJSON

/// Everything that was measured, as a page for people and as JSON with every number.
struct Report: Sendable {
    let machine: Machine
    let settings: Settings
    let meanOctets: [LoadKind: Double]
    let outcomes: [Outcome]
    let crypto: [CryptoCost]

    /// Whether any run is void.
    var isVoid: Bool { outcomes.contains { $0.void != nil } }

    /// The scenarios in the order of their first run.
    private var scenarios: [Scenario] {
        var seen: Set<Scenario> = []
        return outcomes.map(\.scenario).filter { seen.insert($0).inserted }
    }

    /// The median of a number over the runs of a scenario that are not void.
    func median(_ metric: Metric, of scenario: Scenario) -> Double? {
        Self.median(outcomes.filter { $0.scenario == scenario && $0.void == nil }.compactMap { $0.values[metric] })
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    // MARK: - Markdown

    var markdown: String {
        var lines = ["# simpul-bench", "", conditions, ""]
        let accepting = scenarios.filter { if case .accept = $0 { true } else { false } }
        lines += table(accepting, Self.accepting)
        lines += table(scenarios.filter { $0 == .drain }, Self.draining)
        lines += table(scenarios.filter { if case .wake = $0 { true } else { false } }, Self.waking)
        lines += table(scenarios.filter { if case .flood = $0 { true } else { false } }, Self.waking + [.floodRate])
        lines += table(scenarios.filter { if case .backlog = $0 { true } else { false } }, Self.backlog)
        lines += table(scenarios.filter { $0 == .memory }, Self.memory)
        lines += table(scenarios.filter { $0 == .streams }, Self.streaming)
        lines += [cryptoLine, ""] + voidLines
        return lines.joined(separator: "\n") + "\n"
    }

    private static let accepting: [Metric] = [
        .rate, .p50, .p90, .p99, .p999, .maximum, .daemonMicroseconds, .clientMicroseconds, .commitsPerMessage,
        .residentMiB, .messages, .warmUpSlices,
    ]
    private static let draining: [Metric] = [
        .rate, .p50, .p99, .maximum, .fetchP50, .fetchP99, .daemonMicroseconds, .clientMicroseconds,
        .commitsPerMessage, .residentMiB, .messages, .seconds,
    ]
    private static let waking: [Metric] = [
        .rate, .p50, .p90, .p99, .p999, .maximum, .submitP50, .submitP99, .endToEndP50, .endToEndP99,
        .daemonMicroseconds, .messages,
    ]
    private static let backlog: [Metric] = [
        .startMilliseconds, .submitRate, .submitMicroseconds, .drainRate, .drainMicroseconds, .p50, .p99, .streamP50,
        .streamP99, .pushP50, .pushP99, .floodP50, .floodP99, .floodStreamP50, .floodStreamP99, .floodPushP50,
        .floodPushP99, .submitP50, .submitP99, .floodSubmitP50, .floodSubmitP99, .floodRate, .statusMilliseconds,
    ]
    private static let memory: [Metric] = [.idleMiB, .connectionKiB, .pollKiB, .residentMiB]
    private static let streaming: [Metric] = [
        .streams, .openSeconds, .streamKiB, .clientStreamKiB, .residentMiB, .submitP50, .submitP99, .besideP50,
        .besideP99, .besideRatio,
    ]

    private var conditions: String {
        let sizes = meanOctets.sorted { $0.key.description < $1.key.description }
            .map { "\(Int($0.value)) octets (\($0.key) asked for)" }
        return """
            Commit \(machine.commit), \(machine.processors) cores shared with the load, \(machine.model), Linux \
            \(machine.kernel). Medians of \(outcomes.map(\.round).max() ?? 0) interleaved rounds, each run on a store \
            of its own. Mean envelope: \(sizes.joined(separator: ", ")); ES256; TLS 1.3 with client certificates.

            Steady window of \(settings.seconds) s: \(SteadyWindow.rule). Latency is that of a request, from writing \
            it to the last octet of its answer; `accept:CxL` means C connections with one request of L envelopes \
            outstanding on each. In `drain` p50 to max are those of an acknowledgement, in `wake` the time from the \
            sender's 201 to the delivery in a waiting long poll, on a stream or at the agency's own endpoint. In \
            `streams` submissions are sent at \(settings.rate) a second to an idle broker, and then beside the open \
            streams.

            `\(machine.commandLine)`
            """
    }

    private func table(_ scenarios: [Scenario], _ metrics: [Metric]) -> [String] {
        guard !scenarios.isEmpty else { return [] }
        let head = "| scenario | " + metrics.map(\.title).joined(separator: " | ") + " |"
        let rule = "|---|" + metrics.map { _ in "---:|" }.joined()
        let rows = scenarios.map { scenario in
            let cells = metrics.map { median($0, of: scenario).map(Self.short) ?? "n/a" }
            return "| \(scenario) | " + cells.joined(separator: " | ") + " |"
        }
        return [head, rule] + rows + [""]
    }

    private var cryptoLine: String {
        guard let sign = Self.median(crypto.map(\.signMicroseconds)),
            let verify = Self.median(crypto.map(\.verifyMicroseconds))
        else { return "Bare cost of the cryptography: n/a, openssl is not there." }
        return """
            Bare cost of the cryptography of one message (`openssl speed ecdsap256`, before, between and after the \
            rounds): verify \(Self.short(verify)) µs + sign \(Self.short(sign)) µs = \(Self.short(verify + sign)) µs.
            """
    }

    private var voidLines: [String] {
        outcomes.compactMap { outcome in
            outcome.void.map { "**VOID: \(outcome.scenario), round \(outcome.round): \($0)**\n" }
        }
    }

    /// Three significant digits, or the whole number where that has more.
    static func short(_ value: Double) -> String {
        let decimals = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 3
        let scale = [1.0, 10, 100, 1000][decimals]
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(scaled / Int(scale)).\(zeros)\(fraction)"
    }
}
