import Foundation
import Glibc
import SimpulClient
import SimpulCore
import Testing

/// The order of system calls, as the kernel saw it: no 201 leaves before the fsync that covers its message.
@Suite struct DurabilityTests {
    @Test(.timeLimit(.minutes(2)))
    func `an fsync stands between the write of a message and its 201`() async throws {
        guard let strace = Programs.system("strace", for: "the order of write, fsync and answer") else { return }
        let hub = try await RunningHub()
        try await hub.start()
        let agency = try hub.agency("id-1709.imigrasi")
        _ = try await agency.hub.whoami()
        let trace = hub.path("trace")
        guard let tracer = try await Tracer(strace, pid: hub.pid, trace: trace, in: hub) else {
            print("skipped: the order of write, fsync and answer — tracing is not permitted here")
            return
        }
        for _ in 0..<5 {
            let report = try Report(from: agency, to: "id-1709.gugus-tugas")
            guard case .receipt(_, repeated: false) = try await agency.hub.submit(report.envelope, seconds: 20) else {
                throw HubTrouble(what: "a report was not accepted")
            }
        }
        await tracer.detach()
        await agency.hub.close()
        let calls = try SystemCalls(traceFile: trace)
        #expect(calls.answers >= 5)
        #expect(calls.answersBeforeTheirSync == 0)
    }
}

extension DurabilityTests {
    @Test(.timeLimit(.minutes(3)))
    func `at 64 connections there are fewer commits than submissions`() async throws {
        guard let strace = Programs.system("strace", for: "commits and submissions at 64 connections") else { return }
        let hub = try await RunningHub()
        try await hub.start()
        let agencies = try (0..<64).map { _ in try hub.agency("id-1709.imigrasi") }
        for agency in agencies { _ = try await agency.hub.whoami() }
        let trace = hub.path("trace")
        guard let tracer = try await Tracer(strace, pid: hub.pid, trace: trace, in: hub) else {
            print("skipped: commits and submissions at 64 connections — tracing is not permitted here")
            return
        }
        let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
            for agency in agencies {
                group.addTask {
                    var count = 0
                    for _ in 0..<4 {
                        let report = try Report(from: agency, to: "id-1709.gugus-tugas")
                        if case .receipt = try await agency.hub.submit(report.envelope, seconds: 60) { count += 1 }
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        await tracer.detach()
        for agency in agencies { await agency.hub.close() }
        let calls = try SystemCalls(traceFile: trace)
        #expect(accepted == 256)
        #expect(calls.syncs > 0 && calls.syncs < accepted)
    }
}

/// strace on a running process.
struct Tracer {
    private let program: RunningProgram

    /// Attaches; nil where the kernel does not permit it.
    init?(_ strace: URL, pid: pid_t, trace: String, in hub: RunningHub) async throws {
        let words = hub.folder.appending(path: "strace.log")
        let calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg,recvfrom,read"
        program = try RunningProgram(
            strace, ["-f", "-yy", "-p", String(pid), "-o", trace, "-e", calls], output: words, error: words)
        while true {
            let said = String(decoding: try Data(contentsOf: words), as: UTF8.self)
            if said.contains("attached") { return }
            if said.contains("strace:") { return nil }
            await Task.yield()
        }
    }

    func detach() async { _ = await program.signal(SIGTERM, within: .seconds(10)) }
}

/// What a trace shows about one connection that submits one message after the other.
struct SystemCalls {
    /// Answers: the first octets that leave on a socket after octets of a request came in and the log was written.
    private(set) var answers = 0
    /// Answers that left while a write to the write-ahead log was not synced.
    private(set) var answersBeforeTheirSync = 0
    /// Syncs of the write-ahead log: one a commit.
    private(set) var syncs = 0

    init(traceFile: String) throws {
        var isDirty = false
        var wroteSinceAnswer = false
        for line in String(decoding: try Data(contentsOf: URL(filePath: traceFile)), as: UTF8.self).split(
            separator: "\n")
        {
            if line.contains("pwrite64("), line.contains("-wal>") {
                isDirty = true
                wroteSinceAnswer = true
            } else if line.contains("fdatasync(") || line.contains("fsync(") || line.contains("fdatasync resumed")
                || line.contains("fsync resumed")
            {
                // An unfinished call has synced nothing yet; its resumption, or the whole call, has.
                if line.contains("= 0"), line.contains("-wal>") || line.contains("resumed") {
                    isDirty = false
                    syncs += 1
                }
            } else if Self.isAnswer(line), wroteSinceAnswer {
                answers += 1
                if isDirty { answersBeforeTheirSync += 1 }
                wroteSinceAnswer = false
            }
        }
    }

    private static func isAnswer(_ line: some StringProtocol) -> Bool {
        (line.contains(" write(") || line.contains(" writev(") || line.contains(" sendto(")
            || line.contains(" sendmsg("))
            && line.contains("<TCP")
    }
}
