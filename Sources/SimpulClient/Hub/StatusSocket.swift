internal import AsyncHTTPClient
internal import NIOCore
internal import SimpulCore
public import StrictJSON

/// The operator's socket of a broker on this machine (protocol §6).
public enum StatusSocket {
    /// The broker's picture of itself: `GET /status` over the Unix domain socket at that path, at most 16 MiB, within
    /// 10 seconds.
    /// - Throws: ``HubError``.
    public static func status(at path: String) async throws(HubError) -> JSONValue {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<JSONValue, HubError>
        do throws(HubError) {
            var request = HTTPClientRequest(url: "http+unix://\(percentEncoded(path))/status")
            // The path in the URL's host is no host that a server would take.
            request.headers.add(name: "Host", value: "localhost")
            let answer = try await HTTPAnswer(of: request, through: client, seconds: 10, limit: 16 * 1024 * 1024)
            guard answer.status == 200 else { throw .unusable("status \(answer.status)") }
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
