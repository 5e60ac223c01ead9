import Glibc

/// A program that the benchmark starts, with no signal blocked or ignored: threads of a pool block them all, and a
/// child would inherit that.
struct ChildProcess: Sendable {
    let pid: pid_t

    /// - Parameters: the descriptors that its standard output and its standard error become.
    init(_ program: String, _ arguments: [String], output: Int32, errors: Int32) throws(BenchError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let words = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let fault = posix_spawnp(&child, program, &actions, &attributes, words + [nil], environ)
        guard fault == 0 else { throw BenchError("\(program) does not start: \(String(cString: strerror(fault)))") }
        pid = child
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
