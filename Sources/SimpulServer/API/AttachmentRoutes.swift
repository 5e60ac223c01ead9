internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import SimpulBroker
internal import SimpulCore

/// `PUT`, `GET` and `HEAD /v1/attachments/{digest}`: octets that nobody on the way can read, streamed and resumable. A
/// digest that is no digest is as unknown as one that nobody has.
struct AttachmentRoutes: Sendable {
    let broker: Broker
    let readiness: Readiness

    // MARK: Upload

    /// The whole of an attachment, or a part that says with `Content-Range` where it belongs.
    @Sendable
    func put(_ call: Call) async throws -> Response {
        try readiness.requireOpen()
        _ = try call.query()
        try call.requirePlainBody()
        guard let digest = AttachmentPath.digest(call.values[0]) else { throw Refusal.noDigest }
        let part = try ContentRange.part(
            call.request.headers[.contentRange], contentLength: call.contentLength,
            limit: broker.limits.attachmentBytes)
        guard let upload = try await broker.attachments.upload(digest, part, for: call.caller) else {
            try await passOver(call.request.body, atMost: part.count)
            return .stored(.ok, digest)
        }
        try await receive(call.request.body, into: upload)
        _ = try broker.authenticator.renew(call.caller)  // a slow body may have come after the agency was suspended
        switch try await upload.finish() {
        case .whole:
            readiness.writeSucceeded()
            return .stored(.created, digest)
        case .partial(let length): return .partial(length)
        }
    }

    /// Reads what nobody needs, as far as it was announced.
    private func passOver(_ body: RequestBody, atMost count: Int) async throws {
        var left = count
        for try await octets in body {
            left -= octets.readableBytes
            guard left >= 0 else { throw Refusal.bodyTooLarge }
        }
    }

    /// What has come before the client goes away is kept.
    private func receive(_ body: RequestBody, into upload: AttachmentUpload) async throws {
        var left = upload.count
        var piece: [UInt8] = []
        piece.reserveCapacity(min(left, broker.limits.attachmentChunkBytes))
        do {
            for try await octets in body {
                left -= octets.readableBytes
                guard left >= 0 else { throw Refusal.bodyTooLarge }
                piece.append(contentsOf: octets.readableBytesView)
                if piece.count >= broker.limits.attachmentChunkBytes {
                    try await upload.append(piece)
                    piece.removeAll(keepingCapacity: true)
                }
            }
        } catch let error where !(error is Refusal || error is StoreError || error is OffsetMismatch) {
            if !piece.isEmpty { try await upload.append(piece) }
            throw BodyInterrupted()
        }
        if !piece.isEmpty { try await upload.append(piece) }
        guard left == 0 else { throw BodyInterrupted() }
    }

    // MARK: Download

    /// The whole, or the one range that is asked for (RFC 9110 §14).
    @Sendable
    func get(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let digest = AttachmentPath.digest(call.values[0]) else { throw Refusal.notFound }
        let reading = try await broker.attachments.open(digest, for: call.caller)
        let fields = call.request.headers
        let applies = fields[.ifRange].map { $0 == AttachmentPath.entityTag(of: digest) } ?? true
        let wanted = applies ? ByteRange(fields[.range], of: reading.bytes) : .whole
        switch wanted {
        case .whole: return .octets(.ok, digest, 0..<reading.bytes, of: reading, over: call.connection)
        case .part(let range): return .octets(.partialContent, digest, range, of: reading, over: call.connection)
        case .unsatisfiable: throw RangeUnsatisfiable(total: reading.bytes)
        }
    }

    /// Whether an attachment is there for the caller, and how much of the caller's own upload.
    @Sendable
    func head(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let digest = AttachmentPath.digest(call.values[0]) else { throw Refusal.notFound }
        let known = try await broker.attachments.look(at: digest, for: call.caller)
        var response = Response.empty(known.readable == nil ? .noContent : .ok)
        if let bytes = known.readable {
            response.headers[.contentType] = AttachmentPath.mediaType
            response.headers[.contentLength] = "\(bytes)"
            response.headers[.eTag] = AttachmentPath.entityTag(of: digest)
            response.headers[.acceptRanges] = "bytes"
        }
        if let upload = known.upload { response.headers.set(upload) }
        return response
    }
}

/// The caller asked for octets behind the end.
struct RangeUnsatisfiable: Error {
    /// Octets of the whole.
    let total: Int
}

enum AttachmentPath {
    static let mediaType = "application/octet-stream"
    /// What all paths of attachments begin with.
    static let prefix = "/v1/attachments/"

    /// The digest in a path's segment, whose colon may be percent-encoded (RFC 3986 §2.1).
    static func digest(_ segment: String) -> Digest? {
        Digest(segment.replacing("%3A", with: ":", maxReplacements: 1).replacing("%3a", with: ":", maxReplacements: 1))
    }

    /// The digest as a strong validator (RFC 9110 §8.8.3): other octets have another one.
    static func entityTag(of digest: Digest) -> String { "\"\(digest)\"" }
}

extension HTTPField.Name {
    /// How many octets of an upload are there (draft-ietf-httpbis-resumable-upload).
    static let uploadOffset = Self("Upload-Offset")
    /// Whether an upload is complete, `?1` or `?0` (the same draft).
    static let uploadComplete = Self("Upload-Complete")
}

extension HTTPFields {
    mutating func set(_ upload: Attachments.Upload) {
        if let name = HTTPField.Name.uploadOffset { self[name] = "\(upload.length)" }
        if let name = HTTPField.Name.uploadComplete { self[name] = upload.isWhole ? "?1" : "?0" }
    }
}

extension Response {
    fileprivate static func stored(_ status: HTTPResponse.Status, _ digest: Digest) -> Response {
        var response = Response.empty(status)
        response.headers[.eTag] = AttachmentPath.entityTag(of: digest)
        return response
    }

    fileprivate static func partial(_ length: Int) -> Response {
        var response = Response.empty(.noContent)
        response.headers.set(Attachments.Upload(length: length, isWhole: false))
        return response
    }

    /// Octets of an attachment, read while they are written. The length is told by the head alone, because nothing of
    /// it waits in memory.
    fileprivate static func octets(
        _ status: HTTPResponse.Status, _ digest: Digest, _ range: Range<Int>, of reading: AttachmentReading,
        over connection: Connection
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: AttachmentPath.mediaType, .cacheControl: "no-store", .contentLength: "\(range.count)",
            .eTag: AttachmentPath.entityTag(of: digest), .acceptRanges: "bytes",
        ]
        if status == .partialContent {
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(reading.bytes)"
        }
        return Response(
            status: status, headers: headers,
            body: ResponseBody { writer in
                var offset = range.lowerBound
                while offset < range.upperBound {
                    let octets = try await reading.read(from: offset, to: range.upperBound)
                    offset += octets.count
                    try await writer.write(ByteBuffer(bytes: octets))
                    await connection.caughtUp()
                }
                try await writer.finish(nil)
            })
    }
}

extension Refusal {
    fileprivate static let noDigest = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText(
            "The path ends with the digest of the octets: sha-256: and 64 lower-case hexadecimal digits.",
            "Jalur diakhiri sidik digital data: sha-256: dan 64 digit heksadesimal huruf kecil."))
}
