import Foundation
import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// One daemon on a store of its own, from its start to its end.
final class RunningHub: Sendable {
    let port: Int
    let status: StatusReader
    let folder: String
    private let daemon: String
    private let running: NIOLockedValueBox<ChildProcess>

    private var process: ChildProcess { running.withLockedValue { $0 } }
    var pid: pid_t { process.pid }

    init(folder: String, daemon: String, port: Int) throws(BenchError) {
        (self.folder, self.port, self.daemon) = (folder, port, daemon)
        status = StatusReader(socket: "\(folder)/status.sock")
        running = NIOLockedValueBox(try Self.start(daemon, in: folder))
    }

    private static func start(_ daemon: String, in folder: String) throws(BenchError) -> ChildProcess {
        let log = open("\(folder)/daemon.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw BenchError("\(folder)/daemon.log cannot be made") }
        defer { close(log) }
        let process = try ChildProcess(daemon, ["--config", "\(folder)/simpuld.yaml"], output: log, errors: log)
        Cleanup.daemon(process.pid)
        return process
    }

    /// Starts the daemon again on the same store.
    /// - Returns: milliseconds from its exec until it says that it serves.
    func restart() async throws -> Double {
        await end()
        return try await startAgain()
    }

    /// Does something with the file of the store while no daemon has it, and starts the daemon again.
    func whileStopped(_ body: (String) throws -> Void) async throws {
        await end()
        try body("\(folder)/data/simpul.sqlite")
        _ = try await startAgain()
    }

    private func startAgain() async throws -> Double {
        let start = NIODeadline.now()
        let process = try Self.start(daemon, in: folder)
        running.withLockedValue { $0 = process }
        for _ in 0..<60_000 {
            if (try? status.isReady()) == true { return Double((NIODeadline.now() - start).nanoseconds) / 1e6 }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw BenchError("simpuld did not become ready again within a minute")
    }

    /// Returns once the daemon says on its status socket that it serves.
    func waitUntilReady() async throws {
        for _ in 0..<1500 {
            if (try? status.isReady()) == true { return }
            guard kill(pid, 0) == 0 else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let log = (try? SmallFile.read("\(folder)/daemon.log")) ?? ""
        throw BenchError("simpuld did not become ready: \(log.suffix(1000))")
    }

    /// Asks the daemon to end, ends it where it does not, and removes its folder.
    func stop() async {
        await end()
        if !Cleanup.keepsFolders { try? FileManager.default.removeItem(atPath: folder) }
    }

    private func end() async {
        let process = process
        kill(process.pid, SIGTERM)
        var isOver = false
        for _ in 0..<500 where !isOver {
            isOver = process.endIfOver() != nil
            if !isOver { try? await Task.sleep(for: .milliseconds(20)) }
        }
        if !isOver {
            kill(process.pid, SIGKILL)
            _ = process.end()
        }
        Cleanup.daemon(nil)
    }
}
