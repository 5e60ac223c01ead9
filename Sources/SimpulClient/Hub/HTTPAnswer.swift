internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import StrictJSON

/// A whole HTTP answer, bounded in time and size.
struct HTTPAnswer {
    let status: Int
    /// The media type without parameters, in lower case.
    let type: String
    let retryAfter: String?
    let body: [UInt8]
}

extension HTTPAnswer {
    init(
        of request: HTTPClientRequest, through client: HTTPClient, seconds: Int, limit: Int
    ) async throws(HubError) {
        do {
            let response = try await client.execute(request, deadline: .now() + .seconds(Int64(seconds)))
            let field = response.headers.first(name: "Content-Type") ?? ""
            self.init(
                status: Int(response.status.code), type: field.prefix { $0 != ";" && $0 != " " }.lowercased(),
                retryAfter: response.headers.first(name: "Retry-After"),
                body: Array(buffer: try await response.body.collect(upTo: limit)))
        } catch is NIOTooManyBytesError {
            throw .unusable("the answer is larger than \(limit) octets")
        } catch {
            throw .unreachable(Self.reason(for: error))
        }
    }

    func json() throws(HubError) -> JSONValue {
        guard type == "application/json" else { throw .unusable("an answer that is not application/json") }
        do {
            return try JSONDocument(body, limits: JSONLimits(depth: 32, numbers: .interoperable)).root
        } catch {
            throw .unusable("the answer is no strict JSON")
        }
    }

    /// The problem document that the answer is. A 5xx without one comes from something before the broker, which may be
    /// there again later.
    func problem() throws(HubError) -> ProblemDocument {
        guard type == "application/problem+json",
            let problem = ProblemDocument(parsing: body, status: status, retryAfter: retryAfter)
        else {
            let reason = "status \(status) without a problem document"
            throw (500...599).contains(status) ? .unreachable(reason) : .unusable(reason)
        }
        return problem
    }

    /// What went wrong on the way, in few words; the libraries' own texts name types and addresses only.
    static func reason(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .deadlineExceeded, .readTimeout: "no answer in time"
            case .remoteConnectionClosed: "the connection was closed"
            default: "\(error)"
            }
        case is ChannelError: "the connection was closed"
        case is NIOSSLError, is BoringSSLError: "TLS was refused (\(error))"
        case let error as IOError: errorText(error.errnoCode)
        default:
            // What failed for each address of a host comes as one text.
            "\(error)".contains("Connection refused") ? "connection refused" : "\(error)"
        }
    }
}
