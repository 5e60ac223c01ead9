internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `POST /v1/deliveries/{token}/nack` and `/extend`: a lease ends without being settled, or goes on longer.
struct LeaseRoutes: Sendable {
    let broker: Broker

    private var limits: Limits { broker.limits }

    @Sendable
    func giveBack(_ call: Call) async throws -> Response {
        let (token, body) = try await read(call, members: ["reason", "retryAfter"])
        if let reason = body["reason"], !Self.isCode(reason) {
            throw Refusal.member("/reason", .reasonExpected, keyword: "pattern")
        }
        let seconds = try seconds(body["retryAfter"], "/retryAfter", in: 0...limits.retryAfterSeconds) ?? 0
        let caller = try broker.authenticator.renew(call.caller)  // the body may have been slow
        try await broker.inbox.giveBack(token, forSeconds: seconds, from: caller)
        return .empty(.ok)
    }

    @Sendable
    func extend(_ call: Call) async throws -> Response {
        let (token, body) = try await read(call, members: ["lease"])
        let range = 1...limits.leaseSeconds
        guard let seconds = try seconds(body["lease"], "/lease", in: range) else {
            throw Refusal.member("", .leaseExpected, keyword: "required")
        }
        let caller = try broker.authenticator.renew(call.caller)
        let end = try await broker.inbox.extend(token, bySeconds: seconds, from: caller)
        return .json(["leaseUntil": .string(end.description)])
    }

    /// The token and the document, an object with no other members than those; an empty body is an empty object.
    private func read(_ call: Call, members: Set<String>) async throws -> (DeliveryToken, JSONValue) {
        _ = try call.query()
        guard let token = DeliveryToken(call.values[0]) else { throw Refusal.notFound }
        return (token, try await SmallDocument.object(of: call.request, members: members))
    }

    private func seconds(
        _ value: JSONValue?, _ pointer: String, in range: ClosedRange<Int>
    ) throws(Refusal) -> Int? {
        guard let value else { return nil }
        guard let number = value.int else { throw .member(pointer, .secondsExpected(range)) }
        guard range.contains(number) else {
            let keyword = number < range.lowerBound ? "minimum" : "maximum"
            throw .member(pointer, .secondsExpected(range), keyword: keyword)
        }
        return number
    }

    /// A code, never a sentence. It is checked and forgotten: even a code could be somebody's name.
    private static func isCode(_ value: JSONValue) -> Bool {
        guard let text = value.string, (1...32).contains(text.utf8.count), text.first?.isLetter == true else {
            return false
        }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

extension LocalizedText {
    fileprivate static let reasonExpected = LocalizedText(
        "reason is a code of 1 to 32 letters a-z, digits and hyphens.",
        "reason adalah kode 1 sampai 32 huruf a-z, angka, dan tanda hubung.")
    fileprivate static let leaseExpected = LocalizedText(
        "The member lease is missing: the seconds from now on.", "Anggota lease tidak ada: jumlah detik sejak sekarang."
    )

    fileprivate static func secondsExpected(_ range: ClosedRange<Int>) -> LocalizedText {
        LocalizedText(
            "A whole number of seconds from \(range.lowerBound) to \(range.upperBound) is expected.",
            "Harus bilangan bulat detik dari \(range.lowerBound) sampai \(range.upperBound).")
    }
}
