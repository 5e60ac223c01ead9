import Foundation
import Glibc

/// One daemon on a store of its own, from its start to its end.
struct RunningHub: Sendable {
    let port: Int
    let status: StatusReader
    private let folder: String
    private let process: ChildProcess

    var pid: pid_t { process.pid }

    init(folder: String, daemon: String, port: Int) throws(BenchError) {
        (self.folder, self.port) = (folder, port)
        status = StatusReader(socket: "\(folder)/status.sock")
        let log = open("\(folder)/daemon.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw BenchError("\(folder)/daemon.log cannot be made") }
        defer { close(log) }
        process = try ChildProcess(daemon, ["--config", "\(folder)/simpuld.yaml"], output: log, errors: log)
        Cleanup.daemon(process.pid)
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
        kill(pid, SIGTERM)
        var isOver = false
        for _ in 0..<500 where !isOver {
            isOver = process.endIfOver() != nil
            if !isOver { try? await Task.sleep(for: .milliseconds(20)) }
        }
        if !isOver {
            kill(pid, SIGKILL)
            _ = process.end()
        }
        Cleanup.daemon(nil)
        if !Cleanup.keepsFolders { try? FileManager.default.removeItem(atPath: folder) }
    }
}
