/// Every number that a run can give, with its unit and its meaning.
enum Metric: String, Sendable, CaseIterable {
    case messages, seconds, warmUpSlices, rate
    case p50, p90, p99, p999, maximum
    case daemonMicroseconds, clientMicroseconds, commitsPerMessage, residentMiB
    case fetchP50, fetchP99
    case submitP50, submitP99, endToEndP50, endToEndP99
    case idleMiB, connectionKiB, pollKiB
    case streams, openSeconds, streamKiB, clientStreamKiB, besideP50, besideP99, besideRatio
    case startMilliseconds, submitRate, submitMicroseconds, drainRate, drainMicroseconds
    case streamP50, streamP99, pushP50, pushP99
    case floodP50, floodP99, floodStreamP50, floodStreamP99, floodPushP50, floodPushP99
    case floodSubmitP50, floodSubmitP99, floodRate, statusMilliseconds
    case signMicroseconds, verifyMicroseconds

    /// The head of its column.
    var title: String {
        switch self {
        case .messages: "messages"
        case .seconds: "seconds"
        case .warmUpSlices: "warm-up, slices"
        case .rate: "messages/s"
        case .p50: "p50 ms"
        case .p90: "p90 ms"
        case .p99: "p99 ms"
        case .p999: "p99.9 ms"
        case .maximum: "max ms"
        case .daemonMicroseconds: "broker CPU µs/message"
        case .clientMicroseconds: "client CPU µs/message"
        case .commitsPerMessage: "commits/message"
        case .residentMiB: "broker RSS MiB"
        case .fetchP50: "inbox call p50 ms"
        case .fetchP99: "inbox call p99 ms"
        case .submitP50: "submission p50 ms"
        case .submitP99: "submission p99 ms"
        case .endToEndP50: "submission → delivery p50 ms"
        case .endToEndP99: "submission → delivery p99 ms"
        case .idleMiB: "idle RSS MiB"
        case .connectionKiB: "KiB an idle connection"
        case .pollKiB: "KiB a waiting long poll"
        case .streams: "streams"
        case .openSeconds: "s to open them"
        case .streamKiB: "KiB a stream"
        case .clientStreamKiB: "client KiB a stream"
        case .besideP50: "beside them p50 ms"
        case .besideP99: "beside them p99 ms"
        case .besideRatio: "p99 ratio"
        case .startMilliseconds: "start ms"
        case .submitRate: "submitted/s"
        case .submitMicroseconds: "broker CPU µs/submission"
        case .drainRate: "fetched and acknowledged/s"
        case .drainMicroseconds: "broker CPU µs/fetched"
        case .streamP50: "stream p50 ms"
        case .streamP99: "stream p99 ms"
        case .pushP50: "push p50 ms"
        case .pushP99: "push p99 ms"
        case .floodStreamP50: "beside a flood, stream p50 ms"
        case .floodStreamP99: "beside a flood, stream p99 ms"
        case .floodPushP50: "beside a flood, push p50 ms"
        case .floodPushP99: "beside a flood, push p99 ms"
        case .floodP50: "beside a flood p50 ms"
        case .floodP99: "beside a flood p99 ms"
        case .floodSubmitP50: "beside a flood, submission p50 ms"
        case .floodSubmitP99: "beside a flood, submission p99 ms"
        case .floodRate: "flood accepted/s"
        case .statusMilliseconds: "status call ms"
        case .signMicroseconds: "ES256 sign µs"
        case .verifyMicroseconds: "ES256 verify µs"
        }
    }
}

/// What one run of one scenario gave: numbers, or why it is void.
struct Outcome: Sendable {
    var scenario: Scenario
    var round: Int
    var values: [Metric: Double] = [:]
    var void: String?
}

extension [Metric: Double] {
    /// The quantiles of a histogram, in milliseconds.
    mutating func addLatencies(_ histogram: Histogram) {
        let quantiles: [(Metric, Double)] = [(.p50, 0.5), (.p90, 0.9), (.p99, 0.99), (.p999, 0.999), (.maximum, 1)]
        for (metric, share) in quantiles { self[metric] = histogram.milliseconds(share) }
    }
}

extension Histogram {
    /// A quantile in milliseconds.
    func milliseconds(_ share: Double) -> Double? { quantile(share).map { Double($0) / 1e6 } }
}
