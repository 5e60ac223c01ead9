internal import Hummingbird
internal import NIOCore
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `POST /v1/messages` with `application/jose-lines`: many envelopes, one a line, and one line of `application/x-ndjson`
/// for each, in their order. Each line stands alone: what one comes to changes nothing for the others.
///
/// Lines are worked on while they come: all that are there, at most `Limits.batchInFlight`, are checked side by side and
/// then written together in their order; their answers leave before the next ones are looked at.
struct BatchRoute: Sendable {
    let broker: Broker
    let readiness: Readiness
    let journal: Journal

    /// - Throws: `too-large` where the head says so. What is too large only later is told in the last line.
    func answer(_ call: Call) throws(Refusal) -> Response {
        if let length = call.contentLength, length > broker.limits.batchBytes { throw .bodyTooLarge }
        return Response(
            status: .ok, headers: [.contentType: MediaTypeName.lines, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                let queue = LineQueue(capacity: broker.limits.batchInFlight)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await read(call, into: queue) }
                    defer { queue.abandon() }
                    var number = 0
                    while true {
                        let lines = await queue.take().prefix(broker.limits.batchLines + 1 - number)
                        guard !lines.isEmpty else { break }
                        number += lines.count
                        try await writer.write(await answer(Array(lines), number, call))
                        if number > broker.limits.batchLines { break }
                    }
                    // Before the reader has ended: where the batch is too long, it waits for what nobody reads.
                    try await writer.finish(nil)
                }
            })
    }

    /// Cuts the body into lines until its end, or until it is too large, or the client has gone: what it sent whole is
    /// answered when it asks again.
    private func read(_ call: Call, into queue: LineQueue) async {
        defer { queue.end() }
        var lines = LineReader(lineLimit: broker.limits.envelopeBytes)
        var octets = 0
        do {
            for try await part in call.request.body {
                octets += part.readableBytes
                guard octets <= broker.limits.batchBytes else {
                    _ = await queue.put(.beyondBatch)
                    return
                }
                for line in lines.read(part.readableBytesView) where await !queue.put(line) { return }
            }
        } catch { return }
        if let last = lines.end() { _ = await queue.put(last) }
    }

    /// - Parameter number: how many lines there were, these included.
    private func answer(_ lines: [LineReader.Line], _ number: Int, _ call: Call) async -> ByteBuffer {
        var buffer = ByteBuffer()
        do {
            try readiness.requireOpen()
            let caller = try broker.authenticator.renew(call.caller)
            var submissions: [Submitted] = lines.map(Submitted.init)
            if number > broker.limits.batchLines { submissions[lines.count - 1] = .refused(.batchTooLarge) }
            for result in await broker.intake.accept(submissions, from: caller) {
                buffer.writeBytes(line(result, call))
            }
        } catch {
            for _ in lines { buffer.writeBytes(problem(error, call)) }
        }
        return buffer
    }

    private func line(_ result: Result<Acceptance, any Error>, _ call: Call) -> [UInt8] {
        switch result {
        case .failure(let error): return problem(error, call)
        case .success(let acceptance):
            if !acceptance.isRepeated { readiness.writeSucceeded() }
            // A token needs no escape.
            var line = Array("{\"status\":\(acceptance.isRepeated ? 200 : 201),\"receipt\":\"".utf8)
            line += acceptance.receipt.token
            line += "\"}\n".utf8
            return line
        }
    }

    private func problem(_ error: any Error, _ call: Call) -> [UInt8] {
        let problem = Problem(of: error)
        journal.note(problem, call.noted)
        let json: JSON = [
            "status": .integer(problem.code.status), "problem": problem.json(call.language, trace: call.trace),
        ]
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension Submitted {
    init(_ line: LineReader.Line) {
        switch line {
        case .octets(let envelope): self = .octets(envelope)
        case .tooLong: self = .refused(.bodyTooLarge)
        case .beyondBatch: self = .refused(.batchTooLarge)
        }
    }
}

extension Refusal {
    static let batchTooLarge = Refusal(
        .tooLarge, at: .receive,
        LocalizedText(
            "The batch has more lines or octets than this call takes; this line and those behind it were not read. Send them in another batch.",
            "Jumlah baris atau oktet melebihi batas panggilan ini; baris ini dan seterusnya tidak dibaca. Kirim dalam kelompok lain."
        ))
}
