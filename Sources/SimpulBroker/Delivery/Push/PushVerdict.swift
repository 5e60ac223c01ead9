public import SimpulCore

/// What an answer to a push means. Only 200 that names this very envelope, or brings a receipt, can settle it.
public enum PushVerdict: Sendable, Equatable {
    /// The receiver's system has it.
    case acknowledged
    /// The receiver says so itself, if its receipt is good.
    case receipt([UInt8])
    /// It does not have it, or nobody knows.
    case failed(PushTrouble)

    /// Judges an answer to the envelope with that digest, at that moment.
    public init(_ answer: PushAnswer, digest: Digest, at now: Timestamp) {
        guard answer.status == 200 else {
            self = .failed(Self.trouble(of: answer, at: now))
            return
        }
        guard answer.acknowledgements.allSatisfy({ $0 == digest.description }) else {
            self = .failed(PushTrouble(.ackMismatch))
            return
        }
        if Self.isReceipt(answer.mediaType), !answer.body.isEmpty {
            self = .receipt(Self.withoutLineEnd(answer.body))
        } else {
            self = answer.acknowledgements.isEmpty ? .failed(PushTrouble(.ackMissing)) : .acknowledged
        }
    }

    private static func trouble(of answer: PushAnswer, at now: Timestamp) -> PushTrouble {
        let failure: PushFailure =
            switch answer.status {
            case 300..<400: .redirected
            case 400, 409, 413, 415, 422: .deliveryRefused
            default: .status
            }
        let retryAfter = answer.retryAfter.flatMap { RetryAfter.seconds($0, at: now) }
        return PushTrouble(failure, detail: String(answer.status), retryAfter: retryAfter)
    }

    private static func isReceipt(_ mediaType: String?) -> Bool {
        let name = mediaType?.prefix { $0 != ";" && $0 != " " }
        return name?.lowercased() == "application/jose"
    }

    private static func withoutLineEnd(_ body: [UInt8]) -> [UInt8] {
        if body.suffix(2) == [13, 10] { return body.dropLast(2) }
        return body.last == 10 ? body.dropLast() : body
    }
}

/// The header field `Retry-After` (RFC 9110 §10.2.3).
enum RetryAfter {
    /// The seconds that it asks for: a number, or a date in the form that is to be sent (IMF-fixdate); nil for anything
    /// else. Not negative, and no more than fit into 31 bits.
    static func seconds(_ text: String, at now: Timestamp) -> Int? {
        let trimmed = text.filter { $0 != " " || text.contains(",") }
        if !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return min(Int(trimmed) ?? Int(Int32.max), Int(Int32.max))
        }
        guard let date = date(text) else { return nil }
        return Int(clamping: min(max(0, date.seconds - now.seconds), Int64(Int32.max)))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 6, parts[5] == "GMT", parts[0].hasSuffix(","),
            let month = months.firstIndex(of: parts[2])
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
