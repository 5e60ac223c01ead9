internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `GET /v1/inbox/stream`: deliveries as server-sent events (WHATWG HTML §9.2), as soon as they wait. There is no cursor:
/// what was not settled when the stream ends waits again at once, for whoever asks next.
struct StreamRoute: Sendable {
    let inbox: Inbox
    let limits: Limits
    let readiness: Readiness
    let journal: Journal

    @Sendable
    func handle(_ call: Call) async throws -> Response {
        let request = try request(of: call)
        try readiness.requireOpen()
        let stream = try inbox.open(request, for: call.caller)
        // A call is large, and a stream long.
        let (connection, noted) = (call.connection, call.noted)
        return Response(
            status: .ok, headers: [.contentType: MediaTypeName.events, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                await serve(stream, connection, noted, &writer)
                try await writer.finish(nil)
            })
    }

    private func request(of call: Call) throws(Refusal) -> InboxStream.Request {
        let query = try call.query()
        return InboxStream.Request(
            window: try query.integer("max", in: 1...limits.streamWindow, default: limits.streamWindowDefault),
            lease: try query.integer("lease", in: 1...limits.leaseSeconds, default: limits.leaseSecondsDefault),
            content: try query.value("type", InboxRoute.content) ?? .everything)
    }

    /// Serves the stream until the client has gone, the caller may not read any more, or the broker stops; then gives
    /// back what is in flight.
    private func serve(
        _ stream: InboxStream, _ connection: Connection, _ noted: [LogField: String?],
        _ writer: inout any ResponseBodyWriter
    ) async {
        let pause = TimeAmount.seconds(limits.streamCommentSeconds)
        let clock = connection.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in
            stream.pulse()
        }
        connection.whenGone { stream.end() }
        do {
            try await withGracefulShutdownHandler {
                try await write(stream, connection, &writer)
            } onGracefulShutdown: {
                stream.end()
            }
        } catch is ChannelError {
            // The client has gone.
        } catch is CancellationError {
            // The broker has stopped.
        } catch {
            if !connection.isGone { journal.note(Problem(of: error), noted) }
        }
        clock.cancel()
        connection.whenGone(nil)
        await leave(stream, noted)
    }

    private func write(
        _ stream: InboxStream, _ connection: Connection, _ writer: inout any ResponseBodyWriter
    ) async throws {
        try await writer.write(Self.comment)
        while true {
            switch await stream.next() {
            case .deliveries(let answer):
                let written = connection.pieceWritten()
                try await writer.write(Self.events(answer))
                // Not before the kernel has it does the stream ask for more.
                try await written.get()
            case .pulse:
                try stream.judge()
                try await writer.write(Self.comment)
            case .end(let error?): throw error
            case .end(nil): return
            }
        }
    }

    private func leave(_ stream: InboxStream, _ noted: [LogField: String?]) async {
        do {
            try await stream.leave()
        } catch {
            var entry = noted
            entry[.diagnosis] = error.cause
            journal.logger.record(.warning, "Leases of a stream that has ended could not be released", entry)
        }
    }

    private static let comment = ByteBuffer(string: ":\n\n")

    /// One event each. JSON holds no line end but an escaped one.
    static func events(_ answer: Inbox.Answer) -> ByteBuffer {
        var buffer = ByteBuffer()
        for item in InboxRoute.items(answer) {
            buffer.writeStaticString("event: delivery\ndata: ")
            buffer.writeBytes(item.bytes)
            buffer.writeStaticString("\n\n")
        }
        return buffer
    }
}
