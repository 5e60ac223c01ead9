import NIOCore
import NIOPosix

/// The closed loop over all event loops.
struct ClosedLoop: Sendable {
    typealias Progress = SubmitLoop.Progress

    private struct Part: Sendable {
        let user: OnLoop<SubmitLoop>
        let exchanges: NIOLoopBound<[Exchange]>
    }

    private let parts: [Part]

    /// Makes the requests and opens the connections.
    init(_ messages: ArraySlice<SignedMessage>, connections: Int, lines: Int, kind: LoadKind, bench: Bench) async throws
    {
        let starts = stride(from: messages.startIndex, to: messages.endIndex, by: lines)
        let submissions = starts.map { start in
            let envelopes = messages[start..<min(messages.endIndex, start + lines)]
            return Submission(octets: RequestBytes.submission(of: envelopes), count: envelopes.count)
        }
        let loops = Array(bench.group.makeIterator().prefix(min(connections, bench.settings.loops)))
        let connector = try bench.connector(kind.sender)
        var parts: [Part] = []
        for (index, loop) in loops.enumerated() {
            let share = submissions[
                submissions.count * index / loops.count..<submissions.count * (index + 1) / loops.count]
            let user = try await OnLoop(loop) { SubmitLoop(share) }
            let count = connections * (index + 1) / loops.count - connections * index / loops.count
            parts.append(Part(user: user, exchanges: try await user.open(count, by: connector)))
        }
        self.parts = parts
    }

    func start() async throws {
        for part in parts { try await part.user.run { $0.start(part.exchanges.value) } }
    }

    /// Where it stands; a problem is thrown.
    func progress() async throws -> Progress {
        var sum = Progress()
        for part in parts {
            let one = try await part.user.run { $0.progress }
            sum.accepted += one.accepted
            sum.repeated += one.repeated
            sum.outstanding += one.outstanding
            sum.isOut = sum.isOut || one.isOut
            sum.problem = sum.problem ?? one.problem
            sum.at = one.at
        }
        if let problem = sum.problem { throw BenchError("not every submission was accepted: \(problem)") }
        return sum
    }

    func record(_ isOn: Bool) async throws {
        for part in parts { try await part.user.run { $0.isRecording = isOn } }
    }

    /// Sends nothing more, waits for what is outstanding, and closes the connections.
    func stop() async throws -> (progress: Progress, histogram: Histogram) {
        for part in parts { try await part.user.run { $0.stop() } }
        for _ in 0..<3000 where try await progress().outstanding > 0 { try await Task.sleep(for: .milliseconds(10)) }
        let last = try await progress()
        guard last.outstanding == 0 else { throw BenchError("\(last.outstanding) submissions were never answered") }
        var histogram = Histogram()
        for part in parts {
            histogram.add(try await part.user.run { $0.histogram })
            try await part.user.run { _ in for exchange in part.exchanges.value { exchange.close() } }
        }
        return (last, histogram)
    }
}
