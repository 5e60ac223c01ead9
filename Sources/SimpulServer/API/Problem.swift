internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// An error as callers see it: an RFC 9457 problem document (protocol §3). It holds no value of a message.
struct Problem: Sendable {
    let refusal: Refusal
    /// The signed refusal, where it was recorded.
    let receipt: Receipt?
    /// What the operator's log says besides.
    let cause: String?

    init(_ refusal: Refusal, receipt: Receipt? = nil, cause: String? = nil) {
        self.refusal = refusal
        self.receipt = receipt
        self.cause = cause
    }

    /// The problem that an error is to its caller. What is not known is the broker's own fault.
    init(of error: any Error) {
        switch error {
        case let recorded as RecordedRefusal: self.init(recorded.refusal, receipt: recorded.receipt)
        case let refusal as Refusal: self.init(refusal)
        case let wrong as WrongMethod: self.init(.methodNotAllowed(wrong.allowed))
        case let mismatch as OffsetMismatch: self.init(mismatch.refusal)
        case is RangeUnsatisfiable: self.init(.rangeUnsatisfiable)
        case is BodyInterrupted: self.init(.interrupted)
        case is CancellationError: self.init(.draining)
        case let error as StoreError where error.code != .corrupt: self.init(.storageUnavailable, cause: error.cause)
        case let error as StoreError: self.init(.internalError, cause: error.cause)
        default: self.init(.internalError, cause: "\(type(of: error))")
        }
    }

    var code: ErrorCode { refusal.code }

    /// The document, in one language.
    func json(_ language: Language, trace: String) -> JSON {
        let faults = refusal.faults.map { fault in
            JSON.object([
                "pointer": .string(fault.pointer), "keyword": .string(fault.keyword),
                "detail": .string(fault.detail[language]),
            ])
        }
        return .object([
            "type": .string("urn:simpul:error:\(code.rawValue)"), "title": .string(code.title[language]),
            "status": .integer(code.status), "detail": .string(refusal.detail[language]),
            "code": .string(code.rawValue), "stage": .string(refusal.stage.rawValue),
            "temporary": .bool(code.isTemporary), "trace": .string(trace),
            "errors": faults.isEmpty ? nil : .array(faults),
            "stored": refusal.conflict.map { .string($0.stored.description) },
            "submitted": refusal.conflict.map { .string($0.submitted.description) },
            "retryAfter": code == .quota ? .integer(refusal.retryAfter ?? 1) : nil,
            "receipt": receipt.map { .string($0.text) },
        ])
    }
}

extension Refusal {
    static let storageUnavailable = Refusal(
        .storageUnavailable, at: .store,
        LocalizedText(
            "Nothing was stored. Send the same octets again in a moment.",
            "Tidak ada yang disimpan. Kirim ulang oktet yang sama sesaat lagi."))

    static let internalError = Refusal(
        .internalError, at: .receive,
        LocalizedText(
            "The broker has a fault, which its operator sees under this trace. Send the same octets again later.",
            "Ada kesalahan pada simpul; operator melihatnya dengan trace ini. Kirim ulang oktet yang sama nanti."))

    static let interrupted = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText("The request ended before its body did.", "Permintaan berakhir sebelum isinya lengkap."))

    static let malformedHTTP = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText(
            "This is no HTTP/1.1 request, or its head is too large.",
            "Ini bukan permintaan HTTP/1.1, atau kepalanya terlalu besar."))

    static let bodyTooLarge = Refusal(
        .tooLarge, at: .receive,
        LocalizedText(
            "The body is larger than this call takes. Send less, or use attachments.",
            "Isi lebih besar daripada yang diterima panggilan ini. Perkecil, atau gunakan lampiran."))

    static let mediaType = Refusal(
        .mediaType, at: .receive,
        LocalizedText(
            "Send the body as application/jose.", "Kirim isi sebagai application/jose."))

    static func methodNotAllowed(_ allowed: [String]) -> Refusal {
        let list = allowed.joined(separator: ", ")
        return Refusal(
            .methodNotAllowed, at: .receive,
            LocalizedText("This path takes \(list) only.", "Jalur ini hanya menerima \(list)."))
    }

    static let rangeUnsatisfiable = Refusal(
        .rangeUnsatisfiable, at: .deliver,
        LocalizedText(
            "The range begins behind the end; Content-Range says how many octets there are.",
            "Rentang dimulai setelah akhir; Content-Range menyebut jumlah oktetnya."))

    static let noSuchPath = Refusal(
        .notFound, at: .receive,
        LocalizedText("There is no such path.", "Jalur ini tidak ada."))
}
