internal import JOSE
public import SimpulCore
public import StrictJSON

/// The document inside an envelope: strict JSON with exactly `header` and `body`. Its content is not validated yet.
public struct EnvelopeDocument: Sendable {
    /// The clear header.
    public let header: JSONValue
    /// The body: clear, or a JWE.
    public let body: JSONValue

    /// Whether the body is sealed: if and only if it has the member `ciphertext`.
    public var isSealed: Bool { body["ciphertext"] != nil }

    /// Reads a document that is not inside an envelope.
    /// - Throws: `json-invalid`, or `schema-invalid` where members are missing or unknown.
    public init(parsing bytes: [UInt8], limits: Limits) throws(Refusal) {
        let document: JSONDocument
        do {
            document = try JSONDocument(
                bytes, limits: JSONLimits(depth: limits.documentDepth, numbers: .interoperable))
        } catch {
            throw .jsonInvalid(error)
        }
        let root = document.root
        let faults = Self.faults(in: root, atMost: limits.violations)
        guard let header = root["header"], let body = root["body"], faults.isEmpty else {
            throw .schemaInvalid(faults)
        }
        self.header = header
        self.body = body
    }

    private static func faults(in root: JSONValue, atMost limit: Int) -> [DocumentFault] {
        guard root.kind == .object else {
            return [DocumentFault(pointer: "", keyword: "type", detail: .mustBeObject)]
        }
        var faults: [DocumentFault] = []
        for member in root.members where faults.count < limit {
            let name = member.name.string ?? ""
            let pointer = JSONPointer([name]).description
            if name != "header" && name != "body" {
                faults.append(
                    DocumentFault(pointer: pointer, keyword: "additionalProperties", detail: .memberNotAllowed))
            } else if member.value.kind != .object {
                faults.append(DocumentFault(pointer: pointer, keyword: "type", detail: .mustBeObject))
            }
        }
        for name in ["header", "body"] where root[name] == nil {
            faults.append(DocumentFault(pointer: "", keyword: "required", detail: .memberMissing(name)))
        }
        return faults
    }
}

extension SignedEnvelope {
    /// The id that the document inside states, whoever has signed it; nil where it cannot be read.
    public func statedMessageID(limits: Limits) -> MessageID? {
        guard let payload = try? inflatedPayload(limit: limits.documentBytes),
            let document = try? EnvelopeDocument(parsing: payload, limits: limits)
        else { return nil }
        return document.header["id"]?.string.flatMap(MessageID.init)
    }

    /// The header that the document inside states, whoever has signed it; nil where it cannot be read.
    public func statedHeader(limits: Limits) -> Header? {
        guard let payload = try? inflatedPayload(limit: limits.documentBytes),
            let document = try? EnvelopeDocument(parsing: payload, limits: limits)
        else { return nil }
        return Header(document.header)
    }

    /// The payload, inflated within the limit where it is compressed.
    /// - Throws: `inflate-failed`, or `too-large` as soon as the limit is passed.
    public func inflatedPayload(limit: Int) throws(Refusal) -> [UInt8] {
        guard isCompressed else {
            guard token.payload.count <= limit else { throw .documentTooLarge }
            return token.payload
        }
        do {
            return try Deflate.inflate(token.payload[...], limit: limit)
        } catch {
            guard error != .tooLarge else { throw .documentTooLarge }
            throw Refusal(
                .inflateFailed, at: .inflate,
                LocalizedText(
                    "The payload must be one whole raw DEFLATE stream (RFC 1951) with nothing after it.",
                    "Muatan harus satu aliran DEFLATE mentah (RFC 1951) yang utuh tanpa apa pun setelahnya."),
                diagnosis: "\(error)")
        }
    }
}

extension DocumentFault {
    /// Place and keyword for the operator's log; the name of a member that the sender made up is left out.
    fileprivate var operatorText: String {
        guard keyword == "additionalProperties" else { return "\(pointer) \(keyword)" }
        let parent = JSONPointer(parsing: pointer).map { JSONPointer(Array($0.tokens.dropLast())).description } ?? ""
        return "\(parent) \(keyword)"
    }
}

extension LocalizedText {
    static let mustBeObject = LocalizedText("This must be an object.", "Ini harus berupa objek.")
    static let memberNotAllowed = LocalizedText(
        "This member is not allowed here.", "Anggota ini tidak diizinkan di sini.")
    static func memberMissing(_ name: String) -> LocalizedText {
        LocalizedText("The member \(name) is missing.", "Anggota \(name) tidak ada.")
    }
}

extension Refusal {
    static let documentTooLarge = Refusal(
        .tooLarge, at: .inflate,
        LocalizedText(
            "The document is larger than this broker takes. Send less, or use attachments.",
            "Dokumen lebih besar daripada yang diterima simpul ini. Perkecil, atau gunakan lampiran."))

    static func jsonInvalid(_ error: JSONError) -> Refusal {
        Refusal(
            .jsonInvalid, at: .validate,
            LocalizedText(
                "Line \(error.line), column \(error.column): \(error.code.rawValue).",
                "Baris \(error.line), kolom \(error.column): \(JSONFaultText.text(for: error.code).indonesian)."),
            diagnosis: "\(error)")
    }

    /// A refusal of a document that breaks its schema or the form that its place asks for.
    public static func schemaInvalid(_ faults: [DocumentFault]) -> Refusal {
        Refusal(
            .schemaInvalid, at: .validate,
            LocalizedText(
                "The message has faults; each one is listed with its place. Correct them and send it again.",
                "Pesan memiliki kesalahan; setiap kesalahan disebut beserta tempatnya. Perbaiki lalu kirim kembali."),
            diagnosis: faults.prefix(8).map(\.operatorText).joined(separator: ", "), faults: faults)
    }
}
