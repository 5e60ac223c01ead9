import Glibc
import NIOCore

/// Streams to which nothing comes, all of one agency and of one client process: what each costs, and what a submission
/// takes beside them. Submissions go to another agency, at a fixed rate, first to the idle broker and then beside the
/// streams, which get their comments meanwhile.
struct StreamsRun {
    private static let senders = 8

    let bench: Bench
    let kind: LoadKind

    /// Open streams; one that ends or gets anything but comments is a problem.
    private final class Listeners: ExchangeUser {
        var open: Set<ObjectIdentifier> = []
        var problem: String?

        func answered(_ answer: Answer, on exchange: Exchange) {
            if answer.isPiece, answer.status == 200,
                answer.body.getInteger(at: answer.body.readerIndex) == UInt8(ascii: ":")
            {
                open.insert(ObjectIdentifier(exchange))
            } else {
                problem = "a stream: \(answer.text)"
            }
        }

        func failed(_ error: BenchError) { problem = error.description }
    }

    func run(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        let (count, half) = (bench.settings.streams, messages.startIndex + messages.count / 2)
        let idle = try await submit(messages[..<half])
        let (daemon, client) = try memory()
        let began = NIODeadline.now()
        let user = try await OnLoop(bench.group.next()) { Listeners() }
        let exchanges = try await user.open(count, by: bench.connector("id-1709.uptd-ppa"))
        try await open(count, user, exchanges)
        let took = NIODeadline.now() - began
        try await Task.sleep(for: .seconds(2))
        let (daemonBeside, clientBeside) = try memory()
        let beside = try await submit(messages[half...])
        let problem = try await user.run { listeners in
            let problem = listeners.problem
            for exchange in exchanges.value { exchange.close() }
            return problem
        }
        if let problem { throw BenchError(problem) }
        try CrossCheck.stored(try bench.hub.status.storedMessages(), accepted: messages.count, repeated: 0)
        let share = 1024 * Double(count)
        var values: [Metric: Double] = [
            .streams: Double(count), .openSeconds: Double(took.nanoseconds) / 1e9,
            .streamKiB: Double(daemonBeside - daemon) / share, .clientStreamKiB: Double(clientBeside - client) / share,
            .residentMiB: Double(daemonBeside) / 1_048_576,
        ]
        values[.submitP50] = idle.milliseconds(0.5)
        values[.submitP99] = idle.milliseconds(0.99)
        values[.besideP50] = beside.milliseconds(0.5)
        values[.besideP99] = beside.milliseconds(0.99)
        if let before = idle.quantile(0.99), let after = beside.quantile(0.99) {
            values[.besideRatio] = Double(after) / Double(before)
        }
        return values
    }

    private func memory() throws -> (daemon: Int, client: Int) {
        (try ProcessUsage.residentBytes(of: bench.hub.pid), try ProcessUsage.residentBytes(of: getpid()))
    }

    /// Opens the streams, a thousand at a time, and waits for the first comment of each.
    private func open(
        _ count: Int, _ user: OnLoop<Listeners>, _ exchanges: NIOLoopBound<[Exchange]>
    ) async throws {
        for start in stride(from: 0, to: count, by: 1000) {
            let end = min(count, start + 1000)
            try await user.run { _ in
                let request = RequestBytes.stream(max: 10, lease: 60)
                for exchange in exchanges.value[start..<end] { exchange.send(request, inPieces: true) }
            }
            for attempt in 1...1200 {
                let (open, problem) = try await user.run { ($0.open.count, $0.problem) }
                if let problem { throw BenchError(problem) }
                if open >= end { break }
                guard attempt < 1200 else { throw BenchError("only \(open) of \(count) streams were opened") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// What a submission takes, from the moment at which it was due.
    private func submit(_ messages: ArraySlice<SignedMessage>) async throws -> Histogram {
        let (loop, rate) = (bench.group.next(), bench.settings.rate)
        let user = try await OnLoop(loop) { WakeLoop(messages, rate: rate, consumer: nil) }
        let senders = try await user.open(Self.senders, by: bench.connector(kind.sender))
        try await user.run { $0.start(reader: nil, senders: senders.value, acknowledgers: [], on: loop) }
        for _ in 0..<(messages.count / rate + 30) * 20 {
            if try await user.run({ $0.isDone }) { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let (moments, isDone, problem) = try await user.run { loop in
            loop.stop()
            for exchange in senders.value { exchange.close() }
            return (loop.moments, loop.isDone, loop.problem)
        }
        if let problem { throw BenchError(problem) }
        guard isDone else { throw BenchError("not every message was accepted in time") }
        var histogram = Histogram()
        for moment in moments.dropFirst(rate * WakeRun.warmUpSeconds) {
            histogram.record(UInt64(max(0, moment.submission.nanoseconds)))
        }
        return histogram
    }
}
