import Foundation
import Glibc
import NIOConcurrencyHelpers
import UnixSignals

/// What must not outlive the benchmark: its daemon and its folder. Interrupting the benchmark ends the one and removes
/// the other.
enum Cleanup {
    private struct State: Sendable {
        var daemon: pid_t?
        var folder: String?
        var keeps = false
    }

    private static let state = NIOLockedValueBox(State())

    static var keepsFolders: Bool { state.withLockedValue(\.keeps) }

    /// The daemon that runs now.
    static func daemon(_ pid: pid_t?) { state.withLockedValue { $0.daemon = pid } }

    /// Watches for the signals of a terminal.
    static func begin(folder: String, keep: Bool) {
        state.withLockedValue { ($0.folder, $0.keeps) = (folder, keep) }
        Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { interrupted() }
        }
    }

    static func removeFolder() {
        let folder = state.withLockedValue { $0.keeps ? nil : $0.folder }
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
    }

    private static func interrupted() {
        if let pid = state.withLockedValue(\.daemon) { kill(pid, SIGKILL) }
        removeFolder()
        exit(130)
    }
}
