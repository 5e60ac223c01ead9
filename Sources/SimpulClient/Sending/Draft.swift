public import JOSE
public import SimpulCore
public import SimpulEnvelope
internal import StrictJSON

/// A document as a sender gives it: `{"header":…,"body":…}` with a clear body; perhaps incomplete, not checked yet.
public struct GivenDocument: Sendable {
    let document: EnvelopeDocument

    /// Reads a document.
    /// - Throws: ``ClientError`` where it is no strict JSON with exactly `header` and `body`, or is sealed already.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(ClientError) {
        do throws(Refusal) {
            document = try EnvelopeDocument(parsing: bytes, limits: limits)
            guard !document.isSealed else { throw .schemaInvalid([.sealedAlready]) }
        } catch {
            throw ClientError(error)
        }
    }

    /// The id that the sender gave it, if it gave one.
    public var id: MessageID? { document.header["id"]?.string.flatMap(MessageID.init) }

    /// The document without white space: what tells a repetition from another message.
    var text: [UInt8] {
        JSON.object([.init("header", JSON(document.header)), .init("body", JSON(document.body))]).bytes
    }
}

extension DocumentFault {
    fileprivate static let sealedAlready = DocumentFault(
        pointer: "/body/ciphertext", keyword: "send",
        detail: LocalizedText(
            "Give the clear body; it is sealed here.", "Berikan isi yang belum disegel; penyegelan dilakukan di sini."))
}

/// A complete and valid message that is not signed yet. Only ``Composer`` makes one.
public struct Draft: Sendable {
    /// Its header; a sealed body's digest is not in it yet.
    public let header: Header
    let headerJSON: JSON
    let body: JSON

    /// Whether the body may only travel sealed.
    public var mustBeSealed: Bool { header.mustBeSealed }

    /// Every agency that the body is sealed for: recipients and fallback, each once.
    public var parties: [AgencyID] {
        var seen: Set<AgencyID> = []
        return (header.recipients + header.fallback).filter { seen.insert($0).inserted }
    }

    /// The signed envelope, its body sealed where it must be.
    /// - Parameter certificates: what to seal to; looked at only where the body must be sealed.
    /// - Throws: ``ClientError`` where the message is too large for an envelope.
    public func envelope(
        signedBy identity: SigningIdentity, sealedTo certificates: [Certificate], limits: Limits = Limits()
    ) throws(ClientError) -> SpooledEnvelope {
        do {
            var (header, body) = (headerJSON, body)
            if mustBeSealed {
                let sealed = try SealedBody.seal(
                    body, id: self.header.id, sender: self.header.sender, for: certificates, limits: limits)
                body = sealed.body
                header["bodyDigest"] = .string(sealed.digest.description)
            }
            let bytes = try identity.envelope(header: header, body: body)
            let envelope = try SignedEnvelope(parsing: bytes, limits: limits)
            return SpooledEnvelope(id: self.header.id, bytes: envelope.bytes, digest: envelope.digest)
        } catch let refusal as Refusal {
            throw ClientError(refusal)
        } catch {
            throw ClientError(
                .unable, "signing", LocalizedText("The sign key cannot sign.", "Kunci sign tidak dapat menandatangani.")
            )
        }
    }
}

/// A signed envelope on its way: these bytes and no others are sent, however often.
public struct SpooledEnvelope: Sendable, Equatable {
    /// The message's id.
    public var id: MessageID
    /// The envelope.
    public var bytes: [UInt8]
    /// The envelope's digest.
    public var digest: Digest
}
