import Foundation
import Glibc

extension RunningHub {
    /// Names an agency's own endpoint in the roster, and returns once the broker pushes to it.
    func push(_ agency: String, to port: Int) async throws {
        let entry = rosterEntry(of: agency)
        let lines = "push: https://127.0.0.1:\(port)/simpul\npushPrivateAddresses: true\n"
        try (try SmallFile.read(entry) + lines).write(toFile: entry, atomically: true, encoding: .utf8)
        try await reload { try status.pushes(to: agency) }
    }

    /// Takes the endpoint out of the roster again, and returns once the broker does not push to it any more.
    func endPush(_ agency: String) async throws {
        let entry = rosterEntry(of: agency)
        let kept = try SmallFile.read(entry).split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("push") }
        try kept.joined(separator: "\n").write(toFile: entry, atomically: true, encoding: .utf8)
        try await reload { try !status.pushes(to: agency) }
    }

    private func rosterEntry(of agency: String) -> String { "\(folder)/roster/\(agency).yaml" }

    private func reload(until isDone: () throws -> Bool) async throws {
        kill(pid, SIGHUP)
        for _ in 0..<500 {
            if try isDone() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BenchError("the broker did not take the roster over within ten seconds")
    }
}
