internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
public import SimpulCore
public import StrictJSON

/// The operator's socket of a broker on this machine (protocol §6).
public enum StatusSocket {
    /// The broker's picture of itself: `GET /status` over the Unix domain socket at that path, at most 16 MiB, within
    /// 10 seconds.
    /// - Throws: ``HubError``.
    public static func status(at path: String) async throws(HubError) -> JSONValue {
        try await call("GET", "/status", at: path, body: nil, seconds: 10)
    }

    /// An operator's act, such as `/drain`: it is logged with that reason. Within 60 seconds: reading rules again takes its
    /// time.
    /// - Parameter agencies: the agencies that the act is about besides, each under the member of the call that names it.
    /// - Throws: ``HubError``; ``HubError/problem(_:)`` of code `role-denied` where this user may not.
    public static func act(
        _ call: String, reason: String, agencies: [String: AgencyID] = [:], at path: String
    ) async throws(HubError) -> JSONValue {
        let members = agencies.map { JSON.Member($0.key, .string($0.value.description)) }
        let body: JSON = .object([JSON.Member("reason", .string(reason))] + members)
        return try await Self.call("POST", call, at: path, body: body.bytes, seconds: 60)
    }

    private static func call(
        _ method: String, _ call: String, at path: String, body: [UInt8]?, seconds: Int
    ) async throws(HubError) -> JSONValue {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<JSONValue, HubError>
        do throws(HubError) {
            var request = HTTPClientRequest(url: "http+unix://\(percentEncoded(path))\(call)")
            request.method = .RAW(value: method)
            // The path in the URL's host is no host that a server would take.
            request.headers.add(name: "Host", value: "localhost")
            if let body {
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(body)
            }
            let answer = try await HTTPAnswer(of: request, through: client, seconds: seconds, limit: 16 * 1024 * 1024)
            guard answer.status == 200 else { throw .problem(try answer.problem()) }
            result = .success(try answer.json())
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        return try result.get()
    }

    /// The path as the host of a URL: every octet that is no letter or digit is escaped.
    static func percentEncoded(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
