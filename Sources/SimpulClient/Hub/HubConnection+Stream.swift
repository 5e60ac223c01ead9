internal import AsyncHTTPClient
internal import NIOCore
internal import SimpulCore
internal import StrictJSON

extension HubConnection {
    /// Seconds without an octet after which a stream counts as lost: three signs of life are missing.
    static let silenceSeconds: Int64 = 45

    /// Takes what comes on a stream (`GET /v1/inbox/stream`), one delivery after another, until the stream ends or the
    /// task is cancelled. Events of types that the protocol does not know are passed over. The next delivery is read
    /// when the last one was taken, and the broker sends no more than the request's `max` that are not settled.
    public func stream(
        _ request: InboxRequest, _ take: (InboxAnswer) async throws -> Void
    ) async throws {
        var path = "/v1/inbox/stream?max=\(request.max)&lease=\(request.lease)"
        if let type = request.type { path += "&type=\(type.rawValue)" }
        let body = try await openStream(path)
        // An event is an envelope, its receipt, and less than a kilobyte besides; escapes make text no longer here.
        var parser = EventStreamParser(limit: 2 * limits.envelopeBytes + 64 * 1024)
        var parts = body.makeAsyncIterator()
        while let part = try await Self.next(&parts) {
            for event in try Self.events(in: part, by: &parser) where event.type == "delivery" {
                try await take(try Self.answer(event))
            }
        }
    }

    private func openStream(_ path: String) async throws(HubError) -> HTTPClientResponse.Body {
        let response: HTTPClientResponse
        do {
            response = try await streams.execute(request(.GET, path), deadline: .distantFuture)
        } catch {
            throw .unreachable(HTTPAnswer.reason(for: error))
        }
        guard response.status == .ok else {
            throw .problem(try await HTTPAnswer(of: response, limit: 1024 * 1024).problem())
        }
        guard HTTPAnswer.mediaType(of: response) == "text/event-stream" else {
            throw .unusable("an answer that is not text/event-stream")
        }
        return response.body
    }

    private static func next(
        _ parts: inout HTTPClientResponse.Body.AsyncIterator
    ) async throws(HubError) -> [UInt8]? {
        do {
            return try await parts.next().map { Array(buffer: $0) }
        } catch {
            throw .unreachable(HTTPAnswer.reason(for: error))
        }
    }

    private static func events(
        in part: [UInt8], by parser: inout EventStreamParser
    ) throws(HubError) -> [EventStreamParser.Event] {
        do {
            return try parser.read(part)
        } catch {
            throw .unusable(error == .tooLong ? "an event that is too long" : "an event that is no UTF-8")
        }
    }

    /// The delivery of an event; one that has not the protocol's form does not hold up the others.
    private static func answer(_ event: EventStreamParser.Event) throws(HubError) -> InboxAnswer {
        let limits = JSONLimits(depth: 32, numbers: .interoperable)
        guard let root = try? JSONDocument(event.data, limits: limits).root else {
            throw .unusable("an event that is no strict JSON")
        }
        return Delivery(root).map { InboxAnswer(deliveries: [$0]) } ?? InboxAnswer(unreadable: 1)
    }
}
