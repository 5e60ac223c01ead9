import Foundation
import Glibc
import SimpulClient
import SimpulCore
import SimpulEnvelope

/// A real hub for one test: made by `simpul init`, served by `simpuld`, over TLS on the loopback interface.
final class RunningHub {
    let folder: URL
    let port: Int
    private var daemon: RunningProgram?

    /// Makes a hub in a folder of its own; it is not started yet.
    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "simpul-\(UUID().uuidString)")
        port = try await Ports.shared.next()
        let made = try await Programs.run("simpul", ["init", path(""), "--port", String(port)])
        guard made.code == 0 else { throw HubTrouble(what: "simpul init ended with \(made.code): \(made.error)") }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A path below the hub's folder.
    func path(_ path: String) -> String { folder.appending(path: path).path(percentEncoded: false) }

    /// Adds a line to the daemon's settings, before it is started.
    func configure(_ line: String) throws {
        let file = try FileHandle(forWritingTo: folder.appending(path: "simpuld.yaml"))
        try file.seekToEnd()
        try file.write(contentsOf: Data((line + "\n").utf8))
        try file.close()
    }

    /// Where the profile of an agency is.
    func profile(_ agency: String) -> String { path("agencies/\(agency)/simpul.yaml") }

    /// The daemon's process id.
    var pid: pid_t { daemon?.pid ?? 0 }

    /// Starts the daemon and waits until it says that it serves (sd_notify).
    func start() async throws {
        let notices = try NoticeSocket(in: folder)
        let log = folder.appending(path: "daemon.log")
        daemon = try RunningProgram(
            Programs.folder.appending(path: "simpuld"), ["--config", path("simpuld.yaml")],
            environment: ["NOTIFY_SOCKET": notices.path], output: log, error: log)
        try await notices.waitForReady(seconds: 30)
    }

    /// Ends the daemon without a word, as a power cut does, and waits until it is gone.
    func killHard() async {
        _ = await daemon?.signal(SIGKILL, within: .seconds(30))
        daemon = nil
    }

    /// Asks the daemon to end (SIGTERM).
    /// - Returns: the exit code, or nil where it still ran after that time.
    func terminate(within limit: Duration) async -> Int32? {
        await daemon?.signal(SIGTERM, within: limit)
    }

    /// A connection of an agency, and what it signs with.
    func agency(_ id: String) throws -> HubAgency { try HubAgency(profile: profile(id)) }
}

/// Ports that no other hub of this run has, and that the system gives to no connection by itself: one that is only free
/// when it is looked for may be somebody's when the daemon wants it.
private actor Ports {
    static let shared = Ports()

    private var candidate = Int.random(in: 10_000..<28_000)

    func next() throws -> Int {
        for _ in 0..<1000 {
            candidate += 1
            if Self.isFree(candidate) { return candidate }
        }
        throw HubTrouble(what: "no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
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
