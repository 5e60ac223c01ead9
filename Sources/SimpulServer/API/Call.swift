internal import Hummingbird
internal import Logging
internal import NIOCore
internal import SimpulBroker
internal import SimpulCore

/// What Hummingbird makes for each request: its connection, and the name under which its answer and its log lines are
/// found again.
struct CallContext: InitializableFromSource {
    let connection: Connection?
    let trace: String

    init(source: ApplicationRequestContextSource) {
        connection = Connection.current?.serving(source.channel)
        connection?.requestBegan()
        trace = Trace.fresh()
    }
}

/// An authenticated request that has found its route.
struct Call: Sendable {
    let request: Request
    let target: RequestTarget
    /// What the braces of the route's template stand for.
    let values: [String]
    let caller: Caller
    let connection: Connection
    let trace: String
    /// The names of the query parameters that the call knows.
    let parameters: [String]
    /// What the operator's log says of the call.
    let noted: [LogField: String?]

    /// The language that the caller wants to read.
    var language: Language { Language(request) }

    /// What the head says of the body's length.
    var contentLength: Int? { ContentLength.octets(request.headers[.contentLength]) }

    /// The media type of the body, in lower case and without its parameters; nil where none is given.
    var mediaType: String? { MediaTypeName.of(request.headers[.contentType]) }

    /// - Throws: `parameter-refused` where the call has a parameter that is not known.
    func query() throws(Refusal) -> QueryParameters {
        try QueryParameters(parsing: target.query, known: parameters)
    }

    /// - Throws: `media-type` where the body is coded (RFC 9110 §8.4): what is compressed is compressed inside the token.
    func requirePlainBody() throws(Refusal) {
        guard request.headers[.contentEncoding] == nil else { throw Refusal.mediaType }
    }

    /// The body, read to its end or to the limit, whichever comes first.
    /// - Throws: `too-large`, before anything is read where the head says so; ``BodyInterrupted``.
    func body(upTo limit: Int) async throws -> [UInt8] { try await request.octets(upTo: limit) }
}

/// The client went away, or broke HTTP, before its body ended. Nobody is left to read the answer.
struct BodyInterrupted: Error {}

enum MediaTypeName {
    static let jose = "application/jose"
    static let json = "application/json"
    static let problem = "application/problem+json"
    static let joseLines = "application/jose-lines"
    static let lines = "application/x-ndjson"
    static let schema = "application/schema+json"

    /// The type and subtype of a `Content-Type` field (RFC 9110 §8.3.1), in lower case.
    static func of(_ field: String?) -> String? {
        let name = field?.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first
        return name.map { String($0.filter { $0 != " " && $0 != "\t" }).lowercased() }
    }
}

extension Language {
    /// What the client asks for.
    init(_ request: Request) { self.init(acceptLanguage: request.headers[.acceptLanguage]) }
}
