internal import SimpulBroker
internal import SimpulCore

/// What a `Range` field asks for (RFC 9110 §14.2). A field of another unit, with several ranges or with faults is passed
/// over, as a server may: the whole answers it.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    case unsatisfiable

    /// - Parameter total: octets of the whole, at least one.
    init(_ field: String?, of total: Int) {
        self = .whole
        guard let field, field.lowercased().hasPrefix("bytes=") else { return }
        let ends = field.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        switch (ContentRange.number(ends[0]), ContentRange.number(ends[1])) {
        case (let first?, let last?) where first <= last:
            self = first < total ? .part(first..<(min(last, total - 1) + 1)) : .unsatisfiable
        case (let first?, nil) where ends[1].isEmpty: self = first < total ? .part(first..<total) : .unsatisfiable
        case (nil, let suffix?) where ends[0].isEmpty:
            self = suffix > 0 ? .part(max(0, total - suffix)..<total) : .unsatisfiable
        default: break
        }
    }
}

/// What a `Content-Range` field says of a body that is a part (RFC 9110 §14.4 and §14.5).
enum ContentRange {
    /// Where the body of an upload belongs: `bytes first-last/total`; `bytes */total` with no body, where all octets are
    /// there and only the end is to be said; without the field, the body is the whole.
    /// - Throws: `parameter-refused` where the two lengths do not agree or are not known; `too-large`.
    static func part(_ field: String?, contentLength: Int?, limit: Int) throws(Refusal) -> UploadPart {
        guard let field else {
            guard let length = contentLength else { throw .lengthNeeded }
            guard length <= limit else { throw .bodyTooLarge }
            guard let part = UploadPart(first: 0, count: length, total: length) else { throw .emptyAttachment }
            return part
        }
        guard field.lowercased().hasPrefix("bytes ") else { throw .contentRange }
        let halves = field.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let total = number(halves[1]) else { throw .contentRange }
        guard total <= limit else { throw .bodyTooLarge }
        let part: UploadPart?
        if halves[0] == "*" {
            part = UploadPart(first: total, count: 0, total: total)
        } else {
            let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]), first <= last else {
                throw .contentRange
            }
            part = UploadPart(first: first, count: last - first + 1, total: total)
        }
        guard let part, contentLength ?? part.count == part.count else { throw .contentRange }
        return part
    }

    /// A number of up to 18 digits, and nothing else.
    static func number(_ text: Substring) -> Int? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

extension Refusal {
    fileprivate static let lengthNeeded = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText(
            "Say with Content-Length, or with Content-Range, how many octets come.",
            "Sebutkan jumlah oktet dengan Content-Length atau Content-Range."))

    fileprivate static let emptyAttachment = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText("An attachment has at least one octet.", "Lampiran berisi paling sedikit satu oktet."))

    fileprivate static let contentRange = Refusal(
        .parameterRefused, at: .receive,
        LocalizedText(
            "Content-Range is bytes first-last/total, counted from 0 and as long as the body; or bytes */total without a body.",
            "Content-Range berbentuk bytes awal-akhir/total, dihitung dari 0 dan sepanjang isi; atau bytes */total tanpa isi."
        ))
}
