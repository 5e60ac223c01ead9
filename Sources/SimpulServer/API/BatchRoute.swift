internal import Hummingbird
internal import NIOCore
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `POST /v1/messages` with `application/jose-lines`: many envelopes, one a line, and one line of `application/x-ndjson`
/// for each, in their order. Each line stands alone: what one comes to changes nothing for the others.
///
/// Lines are worked on while they come, at most `Limits.batchInFlight` at a time, so the store commits them together;
/// answers are written as soon as every earlier one is there.
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
                let answers = OrderedAnswers()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await work(call, answers)
                        answers.finish()
                    }
                    for await _ in answers.arrivals {
                        let ready = answers.takeReady()
                        if ready.readableBytes > 0 { try await writer.write(ready) }
                    }
                    try await group.waitForAll()
                }
                try await writer.finish(nil)
            })
    }

    /// Reads line by line, and starts the work on each.
    private func work(_ call: Call, _ answers: OrderedAnswers) async {
        await withDiscardingTaskGroup { group in
            let slots = Slots(broker.limits.batchInFlight)
            var lines = LineReader(lineLimit: broker.limits.envelopeBytes)
            var (number, octets) = (0, 0)
            func take(_ line: LineReader.Line) async -> Bool {
                await slots.take()
                defer { number += 1 }
                guard number < broker.limits.batchLines else {
                    answers.put(number, await refusal(.batchTooLarge, call))
                    return false
                }
                group.addTask { [number] in
                    answers.put(number, await answer(line, call))
                    slots.give()
                }
                return true
            }
            do {
                for try await part in call.request.body {
                    octets += part.readableBytes
                    guard octets <= broker.limits.batchBytes else {
                        return answers.put(number, await refusal(.batchTooLarge, call))
                    }
                    for line in lines.read(part.readableBytesView) where await !take(line) { return }
                }
            } catch {
                return  // The client has gone; what it sent whole is answered when it asks again.
            }
            if let last = lines.end() { _ = await take(last) }
        }
    }

    private func answer(_ line: LineReader.Line, _ call: Call) async -> [UInt8] {
        do {
            try readiness.requireOpen()
            let caller = try broker.authenticator.renew(call.caller)
            guard case .octets(let envelope) = line else { return await refusal(.bodyTooLarge, call) }
            let acceptance = try await broker.intake.accept(envelope, from: caller)
            if !acceptance.isRepeated { readiness.writeSucceeded() }
            return Self.line(acceptance)
        } catch {
            return problem(error, call)
        }
    }

    /// What is refused before it is a submission leaves its entry in the log, too.
    private func refusal(_ refusal: Refusal, _ call: Call) async -> [UInt8] {
        do {
            let caller = try broker.authenticator.renew(call.caller)
            throw try await broker.intake.record(refusal, of: nil, from: caller)
        } catch {
            return problem(error, call)
        }
    }

    private static func line(_ acceptance: Acceptance) -> [UInt8] {
        // A token needs no escape.
        var line = Array("{\"status\":\(acceptance.isRepeated ? 200 : 201),\"receipt\":\"".utf8)
        line += acceptance.receipt.token
        line += "\"}\n".utf8
        return line
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

extension Refusal {
    static let batchTooLarge = Refusal(
        .tooLarge, at: .receive,
        LocalizedText(
            "The batch has more lines or octets than this call takes; this line and those behind it were not read. Send them in another batch.",
            "Jumlah baris atau oktet melebihi batas panggilan ini; baris ini dan seterusnya tidak dibaca. Kirim dalam kelompok lain."
        ))
}
