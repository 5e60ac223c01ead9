internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `POST /v1/deliveries/{token}/nack` and `/extend`: a lease ends without being settled, or goes on longer.
struct LeaseRoutes: Sendable {
    let broker: Broker

    private var limits: Limits { broker.limits }

    /// Octets of either document, generously.
    private static let documentBytes = 4096

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
        try call.requirePlainBody()
        let octets = try await call.body(upTo: Self.documentBytes)
        guard octets.isEmpty || call.mediaType == MediaTypeName.json else { throw Refusal.jsonMediaType }
        let document: JSONDocument
        do {
            document = try JSONDocument(
                octets.isEmpty ? Array("{}".utf8) : octets, limits: JSONLimits(depth: 4, numbers: .interoperable))
        } catch {
            throw Refusal.notJSON(error)
        }
        guard document.root.kind == .object else { throw Refusal.member("", .objectExpected) }
        for member in document.root.members where !members.contains(member.name.string ?? "") {
            let pointer = JSONPointer([member.name.string ?? ""]).description
            throw Refusal.member(pointer, .memberUnknown, keyword: "additionalProperties")
        }
        return (token, document.root)
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
    fileprivate static let objectExpected = LocalizedText("This must be an object.", "Ini harus berupa objek.")
    fileprivate static let memberUnknown = LocalizedText(
        "This member is not allowed here.", "Anggota ini tidak diizinkan di sini.")

    fileprivate static func secondsExpected(_ range: ClosedRange<Int>) -> LocalizedText {
        LocalizedText(
            "A whole number of seconds from \(range.lowerBound) to \(range.upperBound) is expected.",
            "Harus bilangan bulat detik dari \(range.lowerBound) sampai \(range.upperBound).")
    }
}

extension Refusal {
    fileprivate static func member(
        _ pointer: String, _ detail: LocalizedText, keyword: String = "type"
    ) -> Refusal {
        Refusal(
            .schemaInvalid, at: .deliver, detail, diagnosis: keyword,
            faults: [DocumentFault(pointer: pointer, keyword: keyword, detail: detail)])
    }

    fileprivate static func notJSON(_ error: JSONError) -> Refusal {
        Refusal(
            .jsonInvalid, at: .deliver,
            LocalizedText(
                "Line \(error.line), column \(error.column): \(error.code.rawValue).",
                "Baris \(error.line), kolom \(error.column): dokumen melanggar JSON yang ketat (\(error.code.rawValue))."
            ), diagnosis: error.code.rawValue)
    }

    fileprivate static let jsonMediaType = Refusal(
        .mediaType, at: .receive,
        LocalizedText("Send the body as application/json.", "Kirim isi sebagai application/json."))
}
