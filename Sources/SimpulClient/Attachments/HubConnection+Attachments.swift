internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import SimpulCore

extension HubConnection {
    /// How much of our own upload of a digest the broker has: octets, and whether that is the whole.
    /// (`HEAD /v1/attachments/{digest}`)
    func uploaded(_ digest: Digest) async throws(HubError) -> (length: Int, isWhole: Bool) {
        let response = try await exchange(request(.HEAD, digest), seconds: Int64(Self.answerSeconds))
        switch response.status.code {
        case 404: return (0, false)
        case 200, 204:
            let length = response.headers.first(name: "Upload-Offset").flatMap(Int.init) ?? 0
            return (length, response.headers.first(name: "Upload-Complete") == "?1")
        // An answer to HEAD has no problem document.
        case 429, 500...599: throw .unreachable("status \(response.status.code)")
        default: throw .unusable("status \(response.status.code)")
        }
    }

    /// Uploads a file from an offset on (`PUT /v1/attachments/{digest}`); told of each piece that was handed on.
    func upload(
        _ file: AttachmentFile, _ listed: ListedAttachment, from offset: Int,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws(HubError) {
        var request = request(.PUT, listed.digest)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        if offset == listed.bytes {
            request.headers.add(name: "Content-Range", value: "bytes */\(listed.bytes)")
            request.body = .bytes(ByteBuffer())
        } else {
            if offset > 0 {
                let range = "bytes \(offset)-\(listed.bytes - 1)/\(listed.bytes)"
                request.headers.add(name: "Content-Range", value: range)
            }
            request.body = .stream(
                CiphertextPieces(file: file, offset: offset, progress: progress),
                length: .known(Int64(listed.bytes - offset)))
        }
        let seconds = Int64(Self.answerSeconds) + Int64(listed.bytes - offset) / 4096 + 60
        let response = try await exchange(request, seconds: seconds)
        guard response.status != .created, response.status != .ok else { return }
        throw .problem(try await problem(in: response))
    }

    /// Downloads the rest of an attachment behind what a file has (`GET /v1/attachments/{digest}`); what came before a
    /// failure stays.
    func download(
        _ listed: ListedAttachment, to file: AttachmentFile, from offset: Int, progress: (Int) -> Void
    ) async throws {
        var request = request(.GET, listed.digest)
        if offset > 0 {
            request.headers.add(name: "Range", value: "bytes=\(offset)-")
            request.headers.add(name: "If-Range", value: "\"\(listed.digest)\"")
        }
        let response = try await exchange(request, seconds: Int64(Self.answerSeconds))
        var place = offset
        switch response.status {
        case .ok:
            place = 0
            try file.cut(to: 0)
        case .partialContent where response.headers.first(name: "Content-Range")?.hasPrefix("bytes \(offset)-") == true:
            break
        default: throw HubError.problem(try await problem(in: response))
        }
        do {
            for try await piece in response.body {
                guard place + piece.readableBytes <= listed.bytes else {
                    throw HubError.unusable("the attachment is longer than the header says")
                }
                try file.write(Array(buffer: piece), at: place)
                place += piece.readableBytes
                progress(place)
            }
        } catch let error where !(error is HubError || error is FileError) {
            throw HubError.unreachable(HTTPAnswer.reason(for: error))
        }
        guard place == listed.bytes else { throw HubError.unreachable("the attachment was cut off") }
    }

    private func request(_ method: HTTPMethod, _ digest: Digest) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "\(base)/v1/attachments/\(digest)")
        request.method = method
        request.headers.add(name: "Accept-Language", value: language.rawValue)
        return request
    }

    private func exchange(_ request: HTTPClientRequest, seconds: Int64) async throws(HubError) -> HTTPClientResponse {
        do {
            return try await client.execute(request, deadline: .now() + .seconds(seconds))
        } catch let error as FileError {
            throw .unusable("\(error)")
        } catch {
            throw .unreachable(HTTPAnswer.reason(for: error))
        }
    }

    private func problem(in response: HTTPClientResponse) async throws(HubError) -> ProblemDocument {
        let answer: HTTPAnswer
        do {
            answer = try await HTTPAnswer(of: response, limit: Self.problemBytes)
        } catch {
            throw .unreachable(HTTPAnswer.reason(for: error))
        }
        return try answer.problem()
    }
}

/// A file as a request's body: the next piece is read when the last one has been handed on.
private struct CiphertextPieces: AsyncSequence, Sendable {
    let file: AttachmentFile
    let offset: Int
    let progress: @Sendable (Int) -> Void

    struct Iterator: AsyncIteratorProtocol {
        let file: AttachmentFile
        var offset: Int
        let progress: @Sendable (Int) -> Void

        mutating func next() async throws -> ByteBuffer? {
            progress(offset)
            let octets = try file.read(from: offset)
            offset += octets.count
            return octets.isEmpty ? nil : ByteBuffer(bytes: octets)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: file, offset: offset, progress: progress) }
}
