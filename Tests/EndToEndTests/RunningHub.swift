import Foundation
import Glibc
import SimpulClient
import SimpulCore
import SimpulEnvelope

/// A real hub for one test: made by `simpul init`, served by `simpuld`, over TLS on the loopback interface.
final class RunningHub {
    let folder: URL
    let port: Int
    private var daemon: Process?

    /// Makes a hub in a folder of its own; it is not started yet.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "simpul-\(UUID().uuidString)")
        port = try Self.freePort()
        let made = try Programs.run("simpul", ["init", path(""), "--port", String(port)])
        guard made.code == 0 else { throw HubTrouble(what: "simpul init ended with \(made.code): \(made.error)") }
    }

    deinit {
        if let daemon, daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// A path below the hub's folder.
    func path(_ path: String) -> String { folder.appending(path: path).path(percentEncoded: false) }

    /// Where the profile of an agency is.
    func profile(_ agency: String) -> String { path("agencies/\(agency)/simpul.yaml") }

    /// The daemon's process id.
    var pid: pid_t { daemon?.processIdentifier ?? 0 }

    /// Starts the daemon and waits until it says that it serves (sd_notify), at most 20 seconds.
    func start() throws {
        let notices = try NoticeSocket(in: folder)
        let process = Process()
        process.executableURL = Programs.folder.appending(path: "simpuld")
        process.arguments = ["--config", path("simpuld.yaml")]
        process.environment = ProcessInfo.processInfo.environment.merging(["NOTIFY_SOCKET": notices.path]) { $1 }
        let log = try Self.appending(to: path("daemon.log"))
        process.standardError = log
        process.standardOutput = log
        try process.run()
        daemon = process
        try notices.waitForReady(seconds: 20)
    }

    /// Ends the daemon without a word, as a power cut does, and waits until it is gone.
    func killHard() {
        kill(pid, SIGKILL)
        daemon?.waitUntilExit()
        daemon = nil
    }

    /// Asks the daemon to end (SIGTERM).
    /// - Returns: the exit code, or nil where it still ran after that many seconds.
    func terminate(within seconds: Double) -> Int32? {
        guard let daemon else { return nil }
        kill(daemon.processIdentifier, SIGTERM)
        let deadline = Date(timeIntervalSinceNow: seconds)
        while daemon.isRunning {
            guard Date() < deadline else { return nil }
            usleep(5_000)
        }
        self.daemon = nil
        return daemon.terminationStatus
    }

    /// A connection of an agency, and what it signs with.
    func agency(_ id: String) throws -> HubAgency { try HubAgency(profile: profile(id)) }

    private static func appending(to path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        return handle
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw HubTrouble(what: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// An agency of a running hub, through the client library.
struct HubAgency {
    let keys: AgencyKeys
    let profile: ClientProfile
    let hub: HubConnection

    init(profile path: String) throws {
        profile = try ClientProfile(file: path)
        keys = try AgencyKeys(profile)
        hub = try HubConnection(profile.address, tls: keys.tls, language: .english)
    }
}

/// A test's own preparation went wrong.
struct HubTrouble: Error {
    let what: String
}
