import Glibc
import ProgramTesting
import Spawning
import Testing

/// What a started program inherits, and how its end is learnt.
@Suite struct ChildProcessTests {
    /// What a command says, which is started while that is in force here.
    private static func output(
        of command: String, environment: [String: String] = [:],
        around start: (() throws -> Void) throws -> Void = { try $0() }
    ) async throws -> String {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        var child: ChildProcess?
        try start {
            child = try ChildProcess(
                "sh", ["-c", command], environment: environment, output: ends[1], errors: ends[1])
        }
        close(ends[1])
        _ = await child?.code()
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(ends[0], &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test func `a program that is not there is a fault that names it`() throws {
        #expect(throws: ProgramFault(program: "/tidak/ada", number: ENOENT)) {
            try ChildProcess("/tidak/ada", [], output: 1, errors: 2)
        }
        #expect(ProgramFault(program: "x", number: ENOENT).reason == "No such file or directory")
    }

    @Test func `a child has three files, whatever is open here`() async throws {
        // The fourth is the folder that ls lists.
        #expect(try await Self.output(of: "ls /proc/self/fd") == "0\n1\n2\n3\n")
    }

    @Test func `a child blocks and ignores no signal, whatever this thread does`() async throws {
        let masks = try await Self.output(of: "grep -E 'SigBlk|SigIgn' /proc/self/status") { start in
            let previous = signal(SIGPIPE, SIG_IGN)
            defer { signal(SIGPIPE, previous) }
            var (all, before) = (sigset_t(), sigset_t())
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, &before)
            defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
            try start()
        }
        // The two ignored ones are the C library's own (32 and 33), which it gives to nobody.
        #expect(masks == "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n")
    }

    @Test func `a child's environment is this one's with what is changed`() async throws {
        let words = try await Self.output(of: "echo $SIMPUL_A ${PATH:+here}", environment: ["SIMPUL_A": "b=c"])
        #expect(words == "b=c here\n")
    }

    @Test(arguments: [("exit 0", Int32(0)), ("exit 7", 7), ("kill -9 $$", SIGKILL)])
    func `the end is told to everybody who asks, before it and after it`(
        _ command: String, _ code: Int32
    ) async throws {
        let child = try ChildProcess("sh", ["-c", command], output: 1, errors: 2)
        async let other = child.code()
        #expect(await child.code() == code)
        #expect(await other == code)
        #expect(await child.code() == code)
        #expect(await child.code(within: .seconds(0)) != 1)
    }

    @Test func `who does not end in time is still there, and ends by a signal`() async throws {
        let child = try ChildProcess("sleep", ["600"], output: 1, errors: 2)
        #expect(await child.code(within: .milliseconds(1)) == nil)
        child.send(SIGTERM)
        #expect(await child.code() == SIGTERM)
        child.send(SIGTERM)
    }

    @Test func `a child that nobody holds is ended`() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        do { _ = try ChildProcess("sleep", ["600"], output: ends[1], errors: ends[1]) }
        close(ends[1])
        var octet: UInt8 = 0
        #expect(read(ends[0], &octet, 1) == 0)
        close(ends[0])
    }

    @Test func `two hundred children at once are all waited for by one queue`() async throws {
        let children = try (0..<200).map { _ in try ChildProcess("true", [], output: 1, errors: 2) }
        for child in children { #expect(await child.code() == 0) }
    }
}
