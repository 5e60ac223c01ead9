import Glibc
import Spawning

/// A program that the benchmark starts.
struct ChildProcess: Sendable {
    let pid: pid_t

    /// - Parameters: the descriptors that its standard output and its standard error become.
    init(_ program: String, _ arguments: [String], output: Int32, errors: Int32) throws(BenchError) {
        do throws(ProgramFault) {
            pid = try Program(program, arguments).start(output: output, errors: errors)
        } catch { throw BenchError("\(program) does not start: \(error.reason)") }
    }

    /// Its end; nil where it still runs.
    func endIfOver() -> Int32? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? status : nil
    }

    /// Waits for its end.
    /// - Returns: the status as waitpid(2) gives it, 0 where all went well.
    func end() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
