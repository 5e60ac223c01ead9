import Foundation
import Glibc
import ProgramTesting

/// The programs under test, from the folder of this build (or from `SIMPUL_BIN`).
enum Programs {
    static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["SIMPUL_BIN"] { return URL(filePath: named) }
        return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }()

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct Ended {
        var code: Int32
        var output: String
        var error: String
    }

    /// Runs one of the programs to its end.
    static func run(_ program: String, _ arguments: [String]) async throws -> Ended {
        try await run(folder.appending(path: program), arguments)
    }

    /// Runs any program to its end. Output goes through files, so that no pipe can fill up.
    static func run(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Ended {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "simpul-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let (output, error) = (scratch.appending(path: "output"), scratch.appending(path: "error"))
        let program = try RunningProgram(
            program, arguments, environment: environment, output: output, error: error)
        let code = await program.end()
        return Ended(
            code: code, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            error: String(decoding: try Data(contentsOf: error), as: UTF8.self))
    }

    /// Where a program of the system is; nil and a loud word where it is missing.
    static func system(_ name: String, for what: String) -> URL? {
        let folders = ["/usr/bin", "/bin", "/usr/local/bin"]
        if let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) {
            return URL(filePath: "\(folder)/\(name)")
        }
        print("skipped: \(what) — \(name) is not installed")
        return nil
    }
}

/// A program whose output is appended to files; waiting for it blocks no thread.
struct RunningProgram {
    private let process: ChildProcess

    /// Starts a program whose output is appended to files.
    init(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:], output: URL, error: URL
    ) throws {
        let (output, error) = (try Self.appending(to: output), try Self.appending(to: error))
        process = try ChildProcess(
            program.path(percentEncoded: false), arguments, environment: environment, output: output.fileDescriptor,
            errors: error.fileDescriptor)
        try output.close()
        try error.close()
    }

    var pid: pid_t { process.pid }

    /// Returns the exit code (or the signal) once the program has ended.
    func end() async -> Int32 { await process.code() }

    /// Sends a signal, and returns the exit code, or nil where the program still ran after that time.
    func signal(_ signal: Int32, within limit: Duration) async -> Int32? {
        process.send(signal)
        return await process.code(within: limit)
    }

    private static func appending(to file: URL) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }
}
