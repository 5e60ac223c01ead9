import ArgumentParser
import Foundation
import Glibc
import NIOPosix

/// The benchmark of the whole surface: a load of its own, a hub of its own, and numbers that the broker's own count
/// confirms.
@main
struct SimpulBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simpul-bench",
        abstract: "Measure a broker: accepting, reading, waking, memory.",
        discussion: """
            Each scenario runs on a fresh hub on 127.0.0.1. A run in which anything was not accepted, or in which the \
            store's count is not the client's, is void, and the exit code 1.

            Scenarios:
              accept:CxL[:sealed|clear[:octets]]   C connections, one request of L envelopes outstanding on each
              latency                              accept:1x1
              drain                                a consumer empties a backlog and acknowledges each delivery
              wake                                 from a sender's 201 to a waiting long poll
              wake:sse                             from a sender's 201 to an open stream
              wake:push                            from a sender's 201 to an endpoint that the broker posts to
              flood, flood:sse, flood:push         as wake, beside ten times as much of another agency to the same recipient
              backlog[:N]                          all of that with N deferred messages in the store (a million), and beside
                                                   another agency's flood; backlog:0 is the same on an empty store
              memory                               idle, and with waiting long polls
              streams                              many idle streams: memory, and submissions beside them (not among
                                                   the defaults: 10 000 handshakes take about a minute)

            Example:
              simpul-bench --scenario accept:64x1 --scenario drain --rounds 3 --output results
            """)

    @Option(
        name: .customLong("scenario"), help: "What to measure; may be repeated (default: all of it).",
        transform: Self.scenario)
    var scenarios: [Scenario] = []

    @Option(help: "Rounds; the scenarios run A B C A B C, and medians are reported.") var rounds = 3
    @Option(help: "Seconds of each steady window.") var seconds = 10
    @Option(help: "Messages made ahead for each accepting run.") var messages = 150_000
    @Option(help: "Deliveries that 'drain' reads.") var backlog = 100_000
    @Option(help: "Connections on which 'drain' acknowledges.") var acknowledgers = 32
    @Option(help: "Submissions a second in 'wake'.") var rate = 200
    @Option(help: "Long polls that wait in 'memory'.") var polls = 1000
    @Option(help: "Idle streams in 'streams'.") var streams = 10_000
    @Option(help: "Event loops of the load.") var loops = 1
    @Option(help: "Recipients of each alert, 1 or 2.") var recipients = 1
    @Option(help: "Where simpuld and simpul are (default: beside this program).") var bin: String?
    @Option(help: "The folder for bench.md and bench.json.") var output: String?
    @Flag(help: "Leave the hubs' folder there.") var keep = false
    @Flag(help: "Only compare what schemas cost with what a signature costs, in this process.") var documents = false

    func validate() throws {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("rounds", rounds, 1...99), ("seconds", seconds, 1...600), ("messages", messages, 1...5_000_000),
            ("backlog", backlog, 1...5_000_000), ("acknowledgers", acknowledgers, 1...1024), ("rate", rate, 1...10_000),
            ("polls", polls, 1...10_000), ("streams", streams, 1...12_000), ("loops", loops, 1...64),
            ("recipients", recipients, 1...2),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private static func scenario(_ text: String) throws -> Scenario {
        guard let scenario = Scenario(text) else { throw ValidationError("'\(text)' is no scenario") }
        return scenario
    }

    func run() async throws {
        if documents {
            Terminal.print(try DocumentCost.table(rounds: rounds))
            return
        }
        let settings = Settings(
            seconds: seconds, messages: messages, backlog: backlog, acknowledgers: acknowledgers, rate: rate,
            polls: polls, streams: streams, loops: loops, recipients: recipients)
        let report: Report
        do {
            report = try await Campaign(
                scenarios: scenarios.isEmpty ? Scenario.all : scenarios, rounds: rounds, settings: settings,
                programs: bin ?? Self.ownFolder, keep: keep
            ).run()
            try write(report)
        } catch let error as BenchError {
            Terminal.note(error.description)
            throw ExitCode(1)
        }
        Terminal.print(report.markdown)
        if report.isVoid {
            Terminal.note("at least one run is VOID; its numbers count for nothing")
            throw ExitCode(1)
        }
    }

    private func write(_ report: Report) throws {
        guard let output else { return }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        try report.markdown.write(toFile: "\(output)/bench.md", atomically: true, encoding: .utf8)
        try (report.json.text + "\n").write(toFile: "\(output)/bench.json", atomically: true, encoding: .utf8)
        Terminal.note("wrote \(output)/bench.md and \(output)/bench.json")
    }

    private static var ownFolder: String {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
