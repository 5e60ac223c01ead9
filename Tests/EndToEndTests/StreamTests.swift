import Foundation
import Glibc
import SimpulClient
import SimpulCore
import Testing

/// Deliveries by streams and long polls of one agency, over real connections.
@Suite struct StreamTests {
    private static let (sender, receiver) = ("id-1709.imigrasi", "id-1709.gugus-tugas")

    /// Everything that was given out, by whom it was taken.
    private actor Ledger {
        private(set) var given: [(id: MessageID, attempt: Int)] = []
        private(set) var settled: Set<MessageID> = []

        func give(_ delivery: Delivery) { given.append((delivery.id, delivery.attempt)) }
        func settle(_ id: MessageID) { settled.insert(id) }
    }

    private func send(_ count: Int, _ agency: HubAgency) async throws -> Set<MessageID> {
        var ids: Set<MessageID> = []
        for _ in 0..<count {
            let report = try Report(from: agency, to: Self.receiver)
            guard case .receipt = try await agency.hub.submit(report.envelope, seconds: 10) else { continue }
            ids.insert(report.id)
        }
        return ids
    }

    private func consume(_ agency: HubAgency, _ ledger: Ledger) async {
        try? await agency.hub.stream(InboxRequest(max: 4, lease: 60)) { answer in
            for delivery in answer.deliveries {
                await ledger.give(delivery)
                try await agency.hub.acknowledge(delivery.token, receipt: nil)
                await ledger.settle(delivery.id)
            }
        }
    }

    private func poll(_ agency: HubAgency, _ ledger: Ledger) async {
        while !Task.isCancelled,
            let answer = try? await agency.hub.lease(InboxRequest(wait: 5, max: 4, lease: 60))
        {
            for delivery in answer.deliveries {
                await ledger.give(delivery)
                guard (try? await agency.hub.acknowledge(delivery.token, receipt: nil)) != nil else { return }
                await ledger.settle(delivery.id)
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `two streams and a long poll share the work, and what a killed one held comes to the others`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let sender = try hub.agency(Self.sender)
        let consumers = try (0..<3).map { _ in try hub.agency(Self.receiver) }
        let ledger = Ledger()
        let victim = try RawStream(hub, agency: Self.receiver, window: 8)
        try victim.waitUntilOpen()
        let working = consumers.enumerated().map { index, agency in
            Task { index == 0 ? await poll(agency, ledger) : await consume(agency, ledger) }
        }
        var sent = try await send(150, sender)
        // It has leased what its window holds, settles nothing, and its connection is reset.
        let attempts = try victim.readAttempts(8)
        #expect(attempts == Array(repeating: 1, count: 8))
        victim.reset()
        sent.formUnion(try await send(150, sender))
        while await ledger.settled.count < sent.count { try await Task.sleep(for: .milliseconds(20)) }
        for task in working { task.cancel() }
        #expect(await ledger.settled == sent)
        let given = await ledger.given
        #expect(given.count == sent.count, "each is given to the living once")
        #expect(given.filter { $0.attempt == 2 }.count == 8, "what the dead one held came again, once")
        #expect(given.allSatisfy { $0.attempt <= 2 })
        for agency in consumers + [sender] { await agency.hub.close() }
        for task in working { await task.value }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream is no longer than the broker, and what it held is given out by the next one`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let sender = try hub.agency(Self.sender)
        _ = try await send(2, sender)
        let stream = try RawStream(hub, agency: Self.receiver, window: 2)
        #expect(try stream.readAttempts(2) == [1, 1])
        #expect(await hub.terminate(within: .seconds(5)) == 0)
        #expect(stream.isAtEnd())
        try await hub.start()
        let receiver = try hub.agency(Self.receiver)
        let again = try await receiver.hub.lease(InboxRequest(max: 10, lease: 60))
        #expect(again.deliveries.map(\.attempt) == [2, 2])
        for agency in [sender, receiver] { await agency.hub.close() }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [[], ["--poll"]])
    func `receive --follow hands over and acknowledges what is sent while it waits`(option: [String]) async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let sender = try hub.agency(Self.sender)
        let file = hub.folder.appending(path: "follow.out")
        let program = try RunningProgram(
            Programs.folder.appending(path: "simpul"),
            ["receive", "--follow", "--ack", "--json", "--profile", hub.profile(Self.receiver)] + option, output: file,
            error: hub.folder.appending(path: "follow.err"))
        let sent = try await send(3, sender)
        var isSettled = false
        while !isSettled {
            try await Task.sleep(for: .milliseconds(50))
            isSettled = try await sent.asyncAllSatisfy { id in
                try await sender.hub.message(id)["state"]?.string == "acknowledged"
            }
        }
        _ = await program.signal(SIGKILL, within: .seconds(30))
        let output = try String(contentsOf: file, encoding: .utf8)
        #expect(sent.allSatisfy { output.contains($0.description) })
        await sender.hub.close()
    }
}

/// `simpul receive --follow` while nothing comes.
@Suite struct FollowTests {
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [(["--ack"], "streams"), (["--ack", "--poll"], "waiting"), (["--wait", "60"], "waiting")])
    func `a follower that waits ends at once at SIGTERM and SIGINT, with exit code 0`(
        options: [String], counter: String
    ) async throws {
        let hub = try await RunningHub()
        try await hub.start()
        for signal in [SIGTERM, SIGINT] {
            let follower = try RunningProgram(
                Programs.folder.appending(path: "simpul"),
                ["receive", "--follow", "--profile", hub.profile("id-1709.gugus-tugas")] + options,
                output: hub.folder.appending(path: "follow.out"), error: hub.folder.appending(path: "follow.err"))
            try await hub.counts(1, as: counter)
            #expect(await follower.signal(signal, within: .seconds(10)) == 0)
            try await hub.counts(0, as: counter)
        }
    }
}

extension RunningHub {
    /// Waits until the status socket shows that number; the test's time limit ends it.
    fileprivate func counts(_ number: Int, as counter: String) async throws {
        let socket = try HubPaths(configuration: path("simpuld.yaml")).statusSocket
        while try await StatusSocket.status(at: socket)["counters"]?[counter]?.int != number {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension Set {
    fileprivate func asyncAllSatisfy(_ isTrue: (Element) async throws -> Bool) async rethrows -> Bool {
        for element in self where try await !isTrue(element) { return false }
        return true
    }
}

/// A stream read by curl: a process of its own, so that its connection can be killed without a word.
private final class RawStream {
    private let process = Process()
    private let pipe = Pipe()
    private var text = ""

    init(_ hub: RunningHub, agency: String, window: Int) throws {
        let folder = hub.path("agencies/\(agency)")
        process.executableURL = URL(filePath: "/usr/bin/curl")
        process.arguments = [
            "--silent", "--no-buffer", "--cacert", "\(folder)/ca.pem", "--cert", "\(folder)/tls.pem", "--key",
            "\(folder)/tls.key", "https://127.0.0.1:\(hub.port)/v1/inbox/stream?max=\(window)&lease=300",
        ]
        process.standardOutput = pipe
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Reads the comment that comes first.
    func waitUntilOpen() throws {
        while !text.hasPrefix(":\n\n") { try readMore() }
    }

    private func readMore() throws {
        let data = pipe.fileHandleForReading.availableData
        guard !data.isEmpty else { throw HubTrouble(what: "the stream ended early: \(text.suffix(200))") }
        text += String(decoding: data, as: UTF8.self)
    }

    /// Reads so many events.
    func readAttempts(_ count: Int) throws -> [Int] {
        while true {
            let attempts = text.components(separatedBy: "\n\n").dropLast().compactMap { event -> Int? in
                guard event.hasPrefix("event: delivery\ndata: {"), let at = event.range(of: "\"attempt\":") else {
                    return nil
                }
                return Int(event[at.upperBound...].prefix { $0.isNumber })
            }
            if attempts.count >= count { return attempts }
            try readMore()
        }
    }

    /// Whether nothing comes any more but the end.
    func isAtEnd() -> Bool {
        while true {
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { return true }
        }
    }

    func reset() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
