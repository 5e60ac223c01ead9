internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
public import SimpulCore
public import StrictJSON

/// A broker over HTTPS. It presents the profile's TLS certificate, believes the profile's authority alone, follows no
/// redirects, and bounds every answer in time and size. Close it when done.
public final class HubConnection: Hub {
    let client: HTTPClient
    /// For streams: silence ends them.
    let streams: HTTPClient
    let base: String
    let language: Language
    let limits: Limits

    /// Octets of one certificate entry in a directory, generously; a directory of 5 000 entries is taken.
    private static let directoryBytes = 16 * 1024 * 1024
    static let problemBytes = 1024 * 1024
    /// Seconds that an answer may take beyond what the call itself may wait.
    static let answerSeconds = 15

    /// A connection to a broker; nothing is sent yet.
    /// - Throws: ``ClientError`` of code `profile` where the TLS files are not PEM.
    public init(
        _ address: HubAddress, tls files: AgencyKeys.TLSFiles, language: Language, limits: Limits = Limits()
    ) throws(ClientError) {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(files.authorities))
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(files.certificates).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: files.key, format: .pem))
        } catch {
            throw ClientError(
                .unable, "profile",
                LocalizedText(
                    "The TLS certificate, key or authority of the profile is not PEM.",
                    "Sertifikat TLS, kunci, atau otoritas dalam profil bukan PEM."))
        }
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        // Longer than an inbox may wait; a transfer that stands still that long is over.
        configuration.timeout.read = .seconds(Int64(limits.waitSeconds) + 30)
        configuration.timeout.write = .seconds(Int64(limits.waitSeconds) + 30)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        configuration.timeout.read = .seconds(Self.silenceSeconds)
        streams = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        base = address.description
        self.language = language
        self.limits = limits
    }

    /// Closes its connections. No call may follow.
    public func close() async {
        try? await client.shutdown()
        try? await streams.shutdown()
    }

    /// Submits an envelope.
    public func submit(_ envelope: [UInt8], seconds: Int) async throws(HubError) -> SubmitOutcome {
        let answer = try await call(
            .POST, "/v1/messages", body: envelope, seconds: max(1, seconds), answerBytes: Self.problemBytes)
        switch answer.status {
        case 200 where answer.type == "application/jose", 201 where answer.type == "application/jose":
            return .receipt(Receipt(token: answer.body), repeated: answer.status == 200)
        default: return .problem(try answer.problem())
        }
    }

    /// Leases what waits for us.
    public func lease(_ request: InboxRequest) async throws(HubError) -> InboxAnswer {
        var path = "/v1/inbox?wait=\(request.wait)&max=\(request.max)&lease=\(request.lease)"
        if let type = request.type { path += "&type=\(type.rawValue)" }
        let size = 2 * (limits.inboxBytes + limits.envelopeBytes)
        let answer = try await call(.GET, path, seconds: request.wait + Self.answerSeconds, answerBytes: size)
        guard answer.status != 204 else { return InboxAnswer() }
        guard let inbox = InboxAnswer(try json(in: answer)) else { throw .unusable("no deliveries in the inbox") }
        return inbox
    }

    /// Settles a delivery. The token must have the form of one (``Delivery/isToken(_:)``).
    public func acknowledge(_ token: String, receipt: Receipt?) async throws(HubError) {
        precondition(Delivery.isToken(token), "a token that could change the path")
        let answer = try await call(
            .POST, "/v1/deliveries/\(token)/ack", body: receipt?.token ?? [], seconds: Self.answerSeconds,
            answerBytes: Self.problemBytes)
        guard answer.status == 200 else { throw .problem(try answer.problem()) }
    }

    /// Gives a delivery back; it waits again after that many seconds (`POST /v1/deliveries/{token}/nack`).
    public func giveBack(_ token: String, seconds: Int) async throws(HubError) {
        precondition(Delivery.isToken(token), "a token that could change the path")
        let answer = try await call(
            .POST, "/v1/deliveries/\(token)/nack", body: Array("{\"retryAfter\":\(seconds)}".utf8),
            type: "application/json", seconds: Self.answerSeconds, answerBytes: Self.problemBytes)
        guard answer.status == 200 else { throw .problem(try answer.problem()) }
    }

    /// Tells by a receipt of ours how far a message is with us (`POST /v1/messages/{sender}/{id}/receipts`).
    public func record(_ receipt: Receipt, of key: MessageKey) async throws(HubError) {
        let answer = try await call(
            .POST, "/v1/messages/\(key.sender)/\(key.id)/receipts", body: receipt.token, seconds: Self.answerSeconds,
            answerBytes: Self.problemBytes)
        guard answer.status == 200 else { throw .problem(try answer.problem()) }
    }

    /// One page of what we have sent (`GET /v1/messages`).
    public func outbox(_ request: OutboxRequest) async throws(HubError) -> OutboxAnswer {
        let answer = try await call(
            .GET, "/v1/messages?\(request.query)", seconds: Self.answerSeconds, answerBytes: Self.directoryBytes)
        guard let page = OutboxAnswer(try json(in: answer)) else { throw .unusable("no messages in the outbox") }
        return page
    }

    /// The agencies and their certificates.
    public func directory() async throws(HubError) -> DirectoryListing {
        let answer = try await call(
            .GET, "/v1/directory", seconds: Self.answerSeconds, answerBytes: Self.directoryBytes)
        guard let listing = DirectoryListing(try json(in: answer)) else { throw .unusable("this is no directory") }
        return listing
    }

    /// How far a message is: one of our own, or one that another agency sent us (`GET /v1/messages/…`).
    public func message(_ id: MessageID, from sender: AgencyID? = nil) async throws(HubError) -> JSONValue {
        let path = sender.map { "/v1/messages/\($0)/\(id)" } ?? "/v1/messages/\(id)"
        return try json(
            in: await call(.GET, path, seconds: Self.answerSeconds, answerBytes: Self.directoryBytes))
    }

    /// Who the broker takes us for (`GET /v1/whoami`).
    public func whoami() async throws(HubError) -> JSONValue {
        try json(in: await call(.GET, "/v1/whoami", seconds: Self.answerSeconds, answerBytes: Self.problemBytes))
    }

    private func call(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, type: String = "application/jose", seconds: Int,
        answerBytes: Int
    ) async throws(HubError) -> HTTPAnswer {
        var request = request(method, path)
        if let body {
            request.body = .bytes(ByteBuffer(bytes: body))
            if !body.isEmpty { request.headers.add(name: "Content-Type", value: type) }
        }
        return try await HTTPAnswer(of: request, through: client, seconds: seconds, limit: answerBytes)
    }

    func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers.add(name: "Accept-Language", value: language.rawValue)
        return request
    }

    private func json(in answer: HTTPAnswer) throws(HubError) -> JSONValue {
        guard answer.status == 200 else { throw .problem(try answer.problem()) }
        return try answer.json()
    }
}
