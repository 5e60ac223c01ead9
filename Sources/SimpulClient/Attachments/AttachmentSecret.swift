internal import JOSE
public import SimpulCore
internal import StrictJSON

/// One attachment as its message tells of it: digest and length for everybody, key and IV for those who read the body.
public struct AttachmentSecret: Sendable, Equatable {
    /// The digest and the length of the ciphertext.
    public var listed: ListedAttachment
    /// The AES-256 key of this file alone.
    public var key: [UInt8]
    /// The first counter block of this file alone.
    public var iv: [UInt8]
    /// The file's name as its sender knows it. It is shown, and never a path.
    public var name: String?
    /// The media type of the text.
    public var mediaType: String?

    var header: JSON { ["digest": .string(listed.digest.description), "bytes": .integer(listed.bytes)] }

    var body: JSON {
        .object([
            "digest": .string(listed.digest.description), "bytes": .integer(listed.bytes),
            "mediaType": mediaType.map { .string($0) }, "name": name.map { .string($0) },
            "key": .string(Base64URL.encode(key)), "iv": .string(Base64URL.encode(iv)),
        ])
    }

    /// From a body's entry; nil where it cannot be opened.
    init?(_ value: JSONValue) {
        guard let digest = value["digest"]?.string.flatMap(Digest.init), let bytes = value["bytes"]?.int,
            let key = value["key"]?.string.flatMap({ Base64URL.decode($0.utf8) }), key.count == AES256CTR.keyLength,
            let iv = value["iv"]?.string.flatMap({ Base64URL.decode($0.utf8) }), iv.count == AES256CTR.ivLength
        else { return nil }
        self.init(
            listed: ListedAttachment(digest: digest, bytes: bytes), key: key, iv: iv, name: value["name"]?.string,
            mediaType: value["mediaType"]?.string)
    }

    init(listed: ListedAttachment, key: [UInt8], iv: [UInt8], name: String?, mediaType: String?) {
        self.listed = listed
        self.key = key
        self.iv = iv
        self.name = name
        self.mediaType = mediaType
    }

    /// Those of a verified document that can be opened: a body's entry that the signed header does not list with that
    /// digest and length is nobody's word.
    /// - Parameter document: `{"header":…,"body":…}`.
    /// - Throws: ``ClientError`` of code `attachment` where the document lists others, or is none.
    public static func all(in document: [UInt8], limits: Limits = Limits()) throws(ClientError) -> [AttachmentSecret] {
        guard let value = try? JSONDocument(document, limits: JSONLimits(depth: limits.documentDepth)).root,
            let header = Header(value["header"] ?? value)
        else {
            throw ClientError(
                .unable, "attachment",
                LocalizedText("This is no opened message.", "Ini bukan pesan yang sudah dibuka."))
        }
        var all: [AttachmentSecret] = []
        for entry in value["body"]?["attachments"].map({ Array($0.elements) }) ?? [] {
            guard let secret = AttachmentSecret(entry), header.attachments.contains(secret.listed) else {
                throw ClientError(
                    .refused, "attachment",
                    LocalizedText(
                        "An attachment of the body has no key, or is not in the signed header; nothing was fetched.",
                        "Lampiran dalam isi tidak memiliki kunci atau tidak ada di header yang ditandatangani; tidak ada yang diunduh."
                    ))
            }
            all.append(secret)
        }
        return all
    }
}

extension GivenDocument {
    /// The document with attachments more, in its header and its body.
    public func attaching(_ secrets: [AttachmentSecret]) throws(ClientError) -> GivenDocument {
        guard !secrets.isEmpty else { return self }
        var (header, body) = (JSON(document.header), JSON(document.body))
        header.append(secrets.map(\.header), to: "attachments")
        body.append(secrets.map(\.body), to: "attachments")
        return try GivenDocument(parsing: JSON.object([.init("header", header), .init("body", body)]).bytes)
    }
}

extension JSON {
    fileprivate mutating func append(_ elements: [JSON], to member: String) {
        guard case .array(let present)? = self[member] else {
            if self[member] == nil { self[member] = .array(elements) }
            return
        }
        self[member] = .array(present + elements)
    }
}
