internal import AsyncHTTPClient
import Glibc
internal import NIOCore
internal import NIOHTTP1
public import SimpulCore
public import StrictJSON

extension StatusSocket {
    /// Seconds that a bundle may take: a slow stick, and a store that others write to.
    private static let bundleSeconds = 6 * 3600
    private static let answerBytes = 1024 * 1024

    /// A bundle for an agency (`POST /courier/{agency}/export`), written to a file and put in its place.
    /// - Parameter octets: what the file may have; nil for what any bundle may have.
    /// - Returns: what went into it, as the broker says.
    /// - Throws: ``HubError``, ``FileError``; the file is not there then.
    public static func export(
        for agency: AgencyID, at socket: String, to file: PartialFile, octets: Int?, language: Language
    ) async throws -> JSONValue {
        try await withClient { client throws in
            let query = octets.map { "?octets=\($0)" } ?? ""
            let request = request(socket, "/courier/\(agency)/export\(query)", language)
            let response = try await reached {
                try await client.execute(request, deadline: .now() + .seconds(Int64(bundleSeconds)))
            }
            guard response.status == .ok else { throw HubError.problem(try await answer(response).problem()) }
            var ending = EndingLine()
            try await reached {
                for try await part in response.body {
                    try file.write(try ending.bundle(in: Array(buffer: part)))
                }
            }
            guard let exported = try? JSONDocument(ending.octets).root else {
                throw HubError.unusable("a bundle without its end")
            }
            try file.finish()
            return exported
        }
    }

    /// Hands a bundle to the broker (`POST /courier/import`).
    /// - Parameter isCheck: whether it only verifies it.
    /// - Returns: what it came to.
    /// - Throws: ``HubError``, ``FileError``.
    public static func importBundle(
        _ path: String, at socket: String, isCheck: Bool, language: Language
    ) async throws -> JSONValue {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        defer { close(descriptor) }
        return try await withClient { client throws in
            var request = request(socket, "/courier/import\(isCheck ? "?check=true" : "")", language)
            request.headers.add(name: "Content-Type", value: "application/vnd.simpul.bundle")
            let pieces = AsyncThrowingStream<ByteBuffer, any Error> {
                try FilePieces.next(of: descriptor, path).map { ByteBuffer(bytes: $0) }
            }
            request.body = .stream(pieces, length: .unknown)
            let (sent, limit) = (request, answerBytes)
            let response = try await reached {
                try await client.execute(sent, deadline: .now() + .seconds(Int64(bundleSeconds)))
            }
            let answer = try await answer(response, limit: limit)
            guard answer.status == 200 else { throw HubError.problem(try answer.problem()) }
            return try answer.json()
        }
    }

    private static func request(_ socket: String, _ path: String, _ language: Language) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http+unix://\(percentEncoded(socket))\(path)")
        request.method = .POST
        request.headers.add(name: "Host", value: "localhost")
        request.headers.add(name: "Accept-Language", value: language.rawValue)
        return request
    }

    private static func answer(
        _ response: HTTPClientResponse, limit: Int = answerBytes
    ) async throws -> HTTPAnswer {
        let field = response.headers.first(name: "Content-Type") ?? ""
        return HTTPAnswer(
            status: Int(response.status.code), type: field.prefix { $0 != ";" && $0 != " " }.lowercased(),
            retryAfter: response.headers.first(name: "Retry-After"),
            body: Array(buffer: try await reached { try await response.body.collect(upTo: limit) }))
    }

    /// What fails on the way, in the client's words.
    private static func reached<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as FileError {
            throw error
        } catch {
            throw HubError.unreachable(HTTPAnswer.reason(for: error))
        }
    }

    private static func withClient<Value>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(client)
            try? await client.shutdown()
            return value
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}

/// Tells the last line of an exported bundle's answer, which is a JSON object, from the bundle's lines, which are tokens.
private struct EndingLine {
    private(set) var octets: [UInt8] = []
    private var isAtStart = true
    private var hasBegun = false

    /// What of the next piece belongs to the bundle.
    mutating func bundle(in piece: [UInt8]) throws(FileError) -> [UInt8] {
        guard !hasBegun else {
            octets += piece
            guard octets.count <= 4096 else { throw FileError("status socket", EFBIG) }
            return []
        }
        var start = 0
        while start < piece.count {
            if isAtStart, piece[start] == UInt8(ascii: "{") {
                hasBegun = true
                octets = Array(piece[start...])
                return Array(piece[..<start])
            }
            guard let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                isAtStart = false
                break
            }
            (start, isAtStart) = (end + 1, true)
        }
        return piece
    }
}
