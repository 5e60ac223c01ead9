import Foundation
import Glibc
import ProgramTesting
import StrictJSON

/// The real program, spoken with line by line over pipes. It answers every line or ends, so no read waits for ever.
final class HarnessProcess {
    static let start = "{\"cmd\":\"start\",\"version\":1}"
    static let dialect = "{\"cmd\":\"dialect\",\"dialect\":\"https://json-schema.org/draft/2020-12/schema\"}"

    private let process: ChildProcess
    private let input = Pipe()
    private let output = Pipe()
    private let error = Pipe()
    private var pending: [UInt8] = []

    init(_ arguments: [String] = []) throws {
        signal(SIGPIPE, SIG_IGN)
        process = try ChildProcess(
            Self.folder.appending(path: "bowtie-simpul-jsonschema").path(percentEncoded: false), arguments,
            input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor,
            errors: error.fileHandleForWriting.fileDescriptor)
        // The ends that the program has: while they are open here too, nobody sees that it has closed them.
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        try error.fileHandleForWriting.close()
    }

    private static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["SIMPUL_BIN"] { return URL(filePath: named) }
        return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }()

    /// The answer to one line, before anything else is sent; nil where the program has ended instead.
    func ask(_ line: String) throws -> JSONValue? { try ask(Array(line.utf8)) }

    func ask(_ line: [UInt8]) throws -> JSONValue? {
        send(line + [UInt8(ascii: "\n")])
        return try receive()
    }

    func send(_ octets: [UInt8]) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                write(input.fileHandleForWriting.fileDescriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func receive() throws -> JSONValue? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                return try JSONDocument(line).root
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            pending += more
        }
    }

    /// Closes the input, and tells how the program ended and what it said on the standard error.
    func end() async -> (code: Int32, error: String) {
        try? input.fileHandleForWriting.close()
        let error = error.fileHandleForReading.readDataToEndOfFile()
        return (await process.code(), String(decoding: error, as: UTF8.self))
    }

    /// Octets of memory that the program has resident.
    func residentOctets() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }
}
