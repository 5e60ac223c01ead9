internal import JOSE
public import SimpulCore
internal import StrictJSON

/// One thing that a courier bundle carries. `kind` on the wire is the case's name, except where it says otherwise.
public enum BundleItem: Hashable, Sendable {
    /// A message for the importer, with the broker's `accepted` receipt and what the importer owes by when.
    case delivery(MessageKey, envelope: [UInt8], receipt: Receipt, due: DueTimes)
    /// A rung that the importer is told of: of a message of its own, or of one that was taken back from it. The mark is
    /// what it is confirmed by.
    case rung(id: MessageID, receipt: Receipt, mark: UInt64)
    /// What the broker says to an envelope that came to it in a bundle: `accepted` or `refused`.
    case answer(receipt: Receipt, mark: UInt64)
    /// The broker's certificate that bundles for it are sealed to (PEM), and its `sign` key's word for it. Kind
    /// `courier`.
    case courierKey(certificate: String, endorsement: String)
    /// A message of the exporter's.
    case envelope([UInt8])
    /// A receipt that the exporter signed about a message that it has got.
    case receipt(of: MessageKey, Receipt)
    /// The exporter has the rung or the answer with that mark, and it was the receipt with that digest.
    case confirmation(mark: UInt64, digest: Digest)
    /// Octets of an attachment's ciphertext from an offset on. The parts of one attachment follow each other from 0 to its
    /// end, and stand before the message that lists it. Kind `attachment-part`.
    case attachmentPart(ListedAttachment, offset: Int, octets: [UInt8])
    /// An item of a kind that this version does not know, or that has not its kind's form. It is passed over.
    case unknown

    /// What stands in the chunk.
    var json: JSON {
        switch self {
        case .delivery(let key, let envelope, let receipt, let due):
            .object([
                "kind": "delivery", "sender": .string(key.sender.description), "id": .string(key.id.description),
                "envelope": Self.text(envelope), "receipt": .string(receipt.text),
                "due": .object(due.members),
            ])
        case .rung(let id, let receipt, let mark):
            [
                "kind": "rung", "id": .string(id.description), "receipt": .string(receipt.text),
                "mark": .integer(Int(mark)),
            ]
        case .answer(let receipt, let mark):
            ["kind": "answer", "receipt": .string(receipt.text), "mark": .integer(Int(mark))]
        case .courierKey(let certificate, let endorsement):
            ["kind": "courier", "pem": .string(certificate), "endorsement": .string(endorsement)]
        case .envelope(let envelope): ["kind": "envelope", "envelope": Self.text(envelope)]
        case .receipt(let key, let receipt):
            [
                "kind": "receipt", "sender": .string(key.sender.description), "id": .string(key.id.description),
                "receipt": .string(receipt.text),
            ]
        case .confirmation(let mark, let digest):
            ["kind": "confirmation", "mark": .integer(Int(mark)), "digest": .string(digest.description)]
        case .attachmentPart(let attachment, let offset, let octets):
            [
                "kind": "attachment-part", "digest": .string(attachment.digest.description),
                "bytes": .integer(attachment.bytes), "offset": .integer(offset),
                "data": .string(Base64URL.encode(octets)),
            ]
        case .unknown: ["kind": "unknown"]
        }
    }

    /// Reads an item; members that its kind does not know are passed over.
    init(_ value: JSONValue) { self = Self.known(value) ?? .unknown }

    private static func known(_ value: JSONValue) -> BundleItem? {
        let receipt = value["receipt"]?.utf8.map { Receipt(token: $0) }
        let envelope = value["envelope"]?.utf8
        let mark = value["mark"]?.int.flatMap { $0 >= 0 ? UInt64($0) : nil }
        let id = value["id"]?.string.flatMap(MessageID.init)
        let sender = value["sender"]?.string.flatMap(AgencyID.init)
        let key = sender.flatMap { sender in id.map { MessageKey(sender: sender, id: $0) } }
        switch value["kind"]?.string {
        case "delivery":
            guard let key, let envelope, let receipt, let due = value["due"] else { return nil }
            return .delivery(key, envelope: envelope, receipt: receipt, due: DueTimes(due))
        case "rung":
            guard let id, let receipt, let mark else { return nil }
            return .rung(id: id, receipt: receipt, mark: mark)
        case "answer":
            guard let receipt, let mark else { return nil }
            return .answer(receipt: receipt, mark: mark)
        case "courier":
            guard let pem = value["pem"]?.string, let endorsement = value["endorsement"]?.string else { return nil }
            return .courierKey(certificate: pem, endorsement: endorsement)
        case "envelope": return envelope.map { .envelope($0) }
        case "receipt":
            guard let key, let receipt else { return nil }
            return .receipt(of: key, receipt)
        case "confirmation":
            guard let mark, let digest = value["digest"]?.string.flatMap({ Digest($0) }) else { return nil }
            return .confirmation(mark: mark, digest: digest)
        case "attachment-part": return attachmentPart(value)
        default: return nil
        }
    }

    private static func attachmentPart(_ value: JSONValue) -> BundleItem? {
        guard let digest = value["digest"]?.string.flatMap({ Digest($0) }), let bytes = value["bytes"]?.int,
            let offset = value["offset"]?.int, let octets = value["data"]?.utf8.flatMap({ Base64URL.decode($0) }),
            offset >= 0, !octets.isEmpty, octets.count <= bytes, offset <= bytes - octets.count
        else { return nil }
        return .attachmentPart(ListedAttachment(digest: digest, bytes: bytes), offset: offset, octets: octets)
    }

    private static func text(_ token: [UInt8]) -> JSON { .string(String(decoding: token, as: UTF8.self)) }
}
