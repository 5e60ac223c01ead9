internal import Hummingbird
internal import NIOCore
internal import SimpulCore
internal import StrictJSON

/// The forms that answers have. Nothing may be kept by anybody on the way.
extension Response {
    static func octets(
        _ status: HTTPResponse.Status, _ mediaType: String, _ octets: [UInt8]
    ) -> Response {
        Response(
            status: status, headers: [.contentType: mediaType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }

    static func json(_ value: JSON, status: HTTPResponse.Status = .ok) -> Response {
        octets(status, MediaTypeName.json, value.bytes)
    }

    static func empty(_ status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: [.cacheControl: "no-store"])
    }

    static func problem(_ problem: Problem, _ language: Language, trace: String) -> Response {
        var response = octets(
            HTTPResponse.Status(code: problem.code.status), MediaTypeName.problem,
            problem.json(language, trace: trace).bytes)
        response.headers[.contentLanguage] = language.rawValue
        switch problem.code {
        // RFC 9110 §11.6.1 asks for a challenge; no registered scheme says "with a TLS certificate".
        case .agencyInactive: response.headers[.wwwAuthenticate] = "ClientCertificate"
        case .draining, .storageUnavailable, .quota:
            response.headers[.retryAfter] = "\(problem.refusal.retryAfter ?? 1)"
        // The rest of the body is not waited for.
        case .tooLarge where problem.refusal.stage == .receive: response.headers[.connection] = "close"
        default: break
        }
        return response
    }

    /// The same without a body, where the request was `HEAD`.
    func asked(with method: HTTPRequest.Method) -> Response { method == .head ? createHeadResponse() : self }
}
