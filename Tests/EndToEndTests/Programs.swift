import Foundation

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
    static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Ended {
        try run(folder.appending(path: program), arguments, environment: environment)
    }

    /// Runs any program to its end. Output goes through files, so that no pipe can fill up.
    static func run(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) throws -> Ended {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "simpul-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let files = try ["output", "error"].map { name in
            let file = scratch.appending(path: name)
            try Data().write(to: file)
            return (file, try FileHandle(forWritingTo: file))
        }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = files[0].1
        process.standardError = files[1].1
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0.0), as: UTF8.self) }
        return Ended(code: process.terminationStatus, output: texts[0], error: texts[1])
    }

    /// Where a program of the system is; nil and a loud word where it is missing.
    static func system(_ name: String, for what: String) -> URL? {
        for folder in ["/usr/bin", "/bin", "/usr/local/bin"] where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
            return URL(filePath: "\(folder)/\(name)")
        }
        print("skipped: \(what) — \(name) is not installed")
        return nil
    }
}
