internal import Hummingbird
internal import SimpulCore
internal import StrictJSON

/// A body of a few members, as some calls take it.
enum SmallDocument {
    /// Octets of such a document, generously.
    private static let bytes = 4096

    /// The document: an object with no other members than those; an empty body is an empty object.
    static func object(of request: Request, members: Set<String>) async throws -> JSONValue {
        guard request.headers[.contentEncoding] == nil else { throw Refusal.jsonMediaType }
        let octets = try await request.octets(upTo: bytes)
        guard octets.isEmpty || MediaTypeName.of(request.headers[.contentType]) == MediaTypeName.json else {
            throw Refusal.jsonMediaType
        }
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
        return document.root
    }
}

extension Request {
    /// The body, read to its end or to the limit, whichever comes first.
    /// - Throws: `too-large`, before anything is read where the head says so; ``BodyInterrupted``.
    func octets(upTo limit: Int) async throws -> [UInt8] {
        let length = ContentLength.octets(headers[.contentLength])
        if let length, length > limit { throw Refusal.bodyTooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length ?? 0)
        do {
            for try await part in body {
                guard bytes.count + part.readableBytes <= limit else { throw Refusal.bodyTooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw BodyInterrupted()
        }
        return bytes
    }
}

extension LocalizedText {
    fileprivate static let objectExpected = LocalizedText("This must be an object.", "Ini harus berupa objek.")
    fileprivate static let memberUnknown = LocalizedText(
        "This member is not allowed here.", "Anggota ini tidak diizinkan di sini.")
}

extension Refusal {
    /// A member of a small document that is not what it must be.
    static func member(_ pointer: String, _ detail: LocalizedText, keyword: String = "type") -> Refusal {
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
