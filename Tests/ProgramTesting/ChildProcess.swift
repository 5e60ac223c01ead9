internal import CSpawn
internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Spawning

/// A program that a test has started. However many run, one queue waits for the ends of all of them, and no other thread
/// does. It is ended by force when nobody holds it any more.
public final class ChildProcess: Sendable {
    /// Its process id.
    public let pid: Int32
    private let end: End

    /// Starts a program, which inherits the three descriptors and no other.
    /// - Parameters:
    ///   - environment: what its environment has beside or instead of this process's.
    ///   - input: its standard input; nil: /dev/null.
    /// - Throws: ``ChildProcessFault`` where it cannot be started or watched.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: Int32? = nil,
        output: Int32, errors: Int32
    ) throws {
        let variables = Self.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        pid = try Program(program, arguments, environment: variables)
            .start(input: input, output: output, errors: errors)
        end = End(pid)
        try end.watch()
    }

    deinit { end.kill(SIGKILL) }

    /// Sends a signal, where it still runs.
    public func send(_ signal: Int32) { end.kill(signal) }

    /// Its exit code, or the number of the signal that ended it, once it has ended.
    public func code() async -> Int32 {
        for await code in end.codes() { return code }
        return -1
    }

    /// The same; nil where it still runs after that time.
    public func code(within limit: Duration) async -> Int32? {
        await withTaskGroup(of: Int32?.self) { [end] group in
            group.addTask {
                for await code in end.codes() { return code }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private static let environment: [String: String] = {
        var variables: [String: String] = [:]
        var next = environ
        while let text = next.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }()
}

/// A child that cannot be watched.
public struct ChildProcessFault: Error {
    /// The system's error number.
    public let number: Int32
}

/// How a child ends. The lock is held while it is reaped and while it gets a signal, so that no signal meets a stranger
/// who has been given its id.
private final class End: Sendable {
    private enum State {
        case running([AsyncStream<Int32>.Continuation])
        case ended(Int32)
    }

    private static let queue = DispatchQueue(label: "ends of child processes")

    private let pid: pid_t
    private let state = NIOLockedValueBox(State.running([]))

    init(_ pid: pid_t) { self.pid = pid }

    func watch() throws {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else {
            let number = errno
            kill(SIGKILL)
            reap(options: 0)
            throw ChildProcessFault(number: number)
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setEventHandler { [self] in
            if reap(options: WNOHANG) { source.cancel() }
        }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    /// Says the exit code once, at once where it is known.
    func codes() -> AsyncStream<Int32> {
        AsyncStream { continuation in
            let known: Int32? = state.withLockedValue { state in
                switch state {
                case .ended(let code): return code
                case .running(let waiting):
                    state = .running(waiting + [continuation])
                    return nil
                }
            }
            guard let known else { return }
            continuation.yield(known)
            continuation.finish()
        }
    }

    func kill(_ signal: Int32) {
        state.withLockedValue { state in
            if case .running = state { _ = Glibc.kill(pid, signal) }
        }
    }

    /// - Returns: whether the child has ended.
    @discardableResult
    private func reap(options: Int32) -> Bool {
        let (hasEnded, waiting, code) = state.withLockedValue { state in
            guard case .running(let waiting) = state else {
                return (true, [AsyncStream<Int32>.Continuation](), Int32(0))
            }
            var status: Int32 = 0
            guard waitpid(pid, &status, options) == pid else { return (false, [], 0) }
            let code = status & 0x7F == 0 ? status >> 8 & 0xFF : status & 0x7F
            state = .ended(code)
            return (true, waiting, code)
        }
        for continuation in waiting {
            continuation.yield(code)
            continuation.finish()
        }
        return hasEnded
    }
}
