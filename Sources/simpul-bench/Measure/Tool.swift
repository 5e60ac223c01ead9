import Glibc

/// Other programs that the benchmark asks.
enum Tool {
    private static let limit = 16 * 1024 * 1024

    /// What a program on the PATH, or at a path, writes to its standard output; its errors go nowhere.
    /// - Throws: ``BenchError`` where it cannot run or does not end well.
    static func output(of program: String, _ arguments: [String]) throws(BenchError) -> String {
        var ends: [Int32] = [0, 0]
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nowhere >= 0, pipe(&ends) == 0 else { throw BenchError("no pipe can be made") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer {
            close(ends[0])
            close(nowhere)
        }
        let child: ChildProcess
        do throws(BenchError) {
            child = try ChildProcess(program, arguments, output: ends[1], errors: nowhere)
            close(ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        let bytes = readAll(ends[0])
        guard child.end() == 0 else { throw BenchError("\(program) \(arguments.first ?? "") failed") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var (bytes, part): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
        while bytes.count < limit {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        return bytes
    }
}
