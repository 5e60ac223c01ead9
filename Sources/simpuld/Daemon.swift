import ArgumentParser
import Glibc
import SimpulBroker
import SimpulConfiguration
import SimpulCore
import SimpulServer

/// `simpuld`, the broker as a process: reads its configuration, serves until it is told to stop, and says in one line
/// why where it cannot.
@main
struct Daemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simpuld",
        abstract: "The message broker between agencies.",
        discussion: """
            SIGTERM and SIGINT stop it, SIGHUP reads roster and policy again.

            Exit codes: 0 stopped as asked, 1 it cannot serve (port, store), 2 wrong usage, a faulty configuration, or a \
            change of policy or roles that two approvers have not signed.

            Example:
              simpuld --config /etc/simpul/simpuld.yaml --check-config
            """,
        version: HubServer.version)

    @Option(name: .customLong("config"), help: ArgumentHelp("The settings, simpuld.yaml.", valueName: "file"))
    var file: String

    @Flag(help: "Read and check the configuration and every file that it names, then end.")
    var checkConfig = false

    func run() async throws {
        let settings: HubConfiguration
        do {
            settings = try HubConfiguration.load(file, now: .current)
        } catch {
            throw StartFailure.configuration(error)
        }
        if checkConfig {
            try settings.checkRules()
            print("\(file) and all files that it names are in order")
        } else {
            try await serve(settings)
        }
    }

    static func main() async {
        // A log reader or a client that has gone away is an error of that write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // Until ``Reload`` takes it: a signal that comes while the daemon starts must not end it.
        signal(SIGHUP, SIG_IGN)
        // Files and sockets are made for their owner alone; what others may have is given explicitly.
        umask(0o077)
        Glibc.exit(await end())
    }

    /// Runs, and turns whatever came of it into an exit code.
    private static func end() async -> Int32 {
        do {
            var command = try parseAsRoot()
            if let daemon = command as? Daemon { try await daemon.run() } else { try command.run() }
            return 0
        } catch let failure as StartFailure {
            StandardError.write(failure.description)
            return failure.exitCode
        } catch {
            let text = fullMessage(for: error)
            guard exitCode(for: error).isSuccess else {
                StandardError.write(text)
                return 2
            }
            print(text)
            return 0
        }
    }
}

/// Why the daemon does not serve.
enum StartFailure: Error, CustomStringConvertible {
    /// Every fault of the configuration.
    case configuration(ConfigurationErrors)
    /// A change of the rules that is not approved.
    case unapproved(UnapprovedRules)
    /// What else stands in the way, in one line.
    case cannotServe(String)

    var exitCode: Int32 {
        switch self {
        case .configuration, .unapproved: 2
        case .cannotServe: 1
        }
    }

    var description: String {
        switch self {
        case .configuration(let errors): errors.description
        case .unapproved(let rules): "simpuld: \(rules)"
        case .cannotServe(let reason): "simpuld: \(reason)"
        }
    }
}

/// Lines for whoever started the daemon.
enum StandardError {
    static func write(_ line: String) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}

extension Timestamp {
    /// The clock of this machine.
    static var current: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
