internal import CSpawn
internal import Glibc

/// A program that is started beside this one.
///
/// It inherits three descriptors and no other, no signal blocked and none ignored: threads of a pool block them all, and
/// a child would inherit that. Nothing here depends on how many files this process has open.
public struct Program: Sendable {
    private let path: String
    private let arguments: [String]
    private let environment: [String]?

    /// - Parameters:
    ///   - path: the program's file, or its name, which is then looked for in `PATH`.
    ///   - arguments: what follows the name.
    ///   - environment: `NAME=VALUE` each; nil: this process's own.
    public init(_ path: String, _ arguments: [String], environment: [String]? = nil) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts it. The caller waits for its end with waitpid(2), or leaves a zombie.
    /// - Parameters:
    ///   - input: what its standard input becomes; nil: /dev/null.
    ///   - output: what its standard output becomes.
    ///   - errors: what its standard error becomes.
    /// - Returns: its process id.
    /// - Throws: ``ProgramFault`` where it cannot be started.
    public func start(input: Int32? = nil, output: Int32, errors: Int32) throws(ProgramFault) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let words = ([path] + arguments).map { strdup($0) }
        let variables = environment?.map { strdup($0) }
        defer { for text in words + (variables ?? []) { free(text) } }
        var child: pid_t = 0
        let number =
            if let variables {
                posix_spawnp(&child, path, &actions, &attributes, words + [nil], variables + [nil])
            } else {
                posix_spawnp(&child, path, &actions, &attributes, words + [nil], environ)
            }
        guard number == 0 else { throw ProgramFault(program: path, number: number) }
        return child
    }
}

/// A program that cannot be started.
public struct ProgramFault: Error, Equatable {
    /// The program, as it was named.
    public let program: String
    /// The system's error number.
    public let number: Int32

    /// A fault.
    public init(program: String, number: Int32) {
        self.program = program
        self.number = number
    }

    /// What the system says about it.
    public var reason: String { String(cString: strerror(number)) }
}
