import Glibc
import SimpulClient
import SimpulCore

/// A shell command that gets octets on its standard input and a bounded time.
struct ChildProcess {
    let command: String
    /// What its environment holds besides ours.
    let environment: [String: String]
    /// Whether what it prints must keep out of our standard output.
    let outputGoesToStandardError: Bool

    /// How a command ended.
    enum Ending: Equatable {
        case exited(Int32)
        case signalled(Int32)
        case stopped

        var text: LocalizedText {
            switch self {
            case .exited(let code): LocalizedText("ended with \(code)", "berakhir dengan \(code)")
            case .signalled(let number): LocalizedText("was ended by signal \(number)", "diakhiri sinyal \(number)")
            case .stopped: LocalizedText("was stopped before its end", "dihentikan sebelum selesai")
            }
        }
    }

    /// Runs the command in a process group of its own and waits for its end, at most until that moment, then ends the
    /// whole group by force. After that moment it is not started.
    /// - Throws: ``ClientError`` where it cannot be started.
    func run(input: [UInt8], until deadline: ContinuousClock.Instant) async throws -> Ending {
        guard ContinuousClock.now < deadline else { return .stopped }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.failure(errno) }
        let reading = Descriptor(ends[0])
        let writing = Descriptor(ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A command that does not read must not stop us.
        _ = fcntl(writing.number, F_SETFL, fcntl(writing.number, F_GETFL) | O_NONBLOCK)
        let process = try spawn(reading: reading.number)
        reading.close()
        return await supervise(process, feeding: input, through: writing, until: deadline)
    }

    private func supervise(
        _ process: pid_t, feeding input: [UInt8], through pipe: Descriptor,
        until deadline: ContinuousClock.Instant
    ) async -> Ending {
        var rest = input[...]
        while true {
            var hasWritten = false
            if !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(pipe.number, $0.baseAddress, $0.count) }
                if count > 0 {
                    rest = rest.dropFirst(count)
                    hasWritten = true
                }
                if count < 0 && errno != EAGAIN && errno != EINTR { rest = [] }
                if rest.isEmpty { pipe.close() }
            }
            if let ending = Self.ending(of: process, options: WNOHANG) { return ending }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                kill(-process, SIGKILL)
                _ = Self.ending(of: process, options: 0)
                return .stopped
            }
            if !hasWritten { try? await Task.sleep(for: .milliseconds(10)) }
        }
    }

    private static func ending(of process: pid_t, options: Int32) -> Ending? {
        var status: Int32 = 0
        var result = waitpid(process, &status, options)
        while result < 0 && errno == EINTR { result = waitpid(process, &status, options) }
        guard result != 0 else { return nil }
        guard result == process else { return .exited(-1) }
        return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
    }

    private func spawn(reading input: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        if outputGoesToStandardError { posix_spawn_file_actions_adddup2(&actions, 2, 1) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // We ignore SIGPIPE, the command should not.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // Nor should it be deaf to what the thread that starts it happens to block.
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var process: pid_t = 0
        let variables = try variables()
        let number = Self.withArguments(["/bin/sh", "-c", command]) { arguments in
            Self.withArguments(variables) { posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, $0) }
        }
        guard number == 0 else { throw Self.failure(number) }
        return process
    }

    /// Our own environment as the process was given it, and what the command is told besides.
    private func variables() throws -> [String] {
        let inherited = try FileAccess.read("/proc/self/environ", limit: 4 * 1024 * 1024).split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self) }
            .filter { text in !environment.keys.contains { text.hasPrefix($0 + "=") } }
        return inherited + environment.map { "\($0)=\($1)" }
    }

    /// Lends the texts as the null-terminated array of C strings that the system takes.
    private static func withArguments(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map(body) ?? EINVAL }
    }

    private static func failure(_ number: Int32) -> ClientError {
        let reason = String(cString: strerror(number))
        return ClientError(
            .unable, "exec",
            LocalizedText("The command cannot be started: \(reason).", "Perintah tidak dapat dijalankan: \(reason)."))
    }
}

/// An open file descriptor, closed once.
private final class Descriptor {
    private(set) var number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close() }

    func close() {
        guard number >= 0 else { return }
        Glibc.close(number)
        number = -1
    }
}
