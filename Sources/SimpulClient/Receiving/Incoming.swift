internal import JOSE
public import SimpulCore
public import SimpulEnvelope
public import StrictJSON

/// Verifies what arrives, completely, before anything of it is shown: form, signer, signature, addressee, the broker's
/// receipt, and the bond between a sealed body and its header (protocol §1).
public struct Incoming: Sendable {
    let agency: AgencyID
    private let hub: AgencyID
    private let sealing: [AgencyKeys.SealingKey]
    private let catalogue: SchemaCatalogue
    private let limits: Limits

    /// What that agency gets from that broker, opened with those keys.
    public init(
        agency: AgencyID, hub: AgencyID, sealing: [AgencyKeys.SealingKey], catalogue: SchemaCatalogue,
        limits: Limits = Limits()
    ) {
        self.agency = agency
        self.hub = hub
        self.sealing = sealing
        self.catalogue = catalogue
        self.limits = limits
    }

    /// Verifies and opens the envelope of a delivery; id and sender that the broker states must be the envelope's.
    public func open(_ delivery: Delivery, known: KnownKeys) throws(Distrust) -> OpenedMessage {
        guard let bytes = delivery.envelope else { throw .notAnEnvelope }
        let message = try open(bytes, receipt: delivery.receipt, known: known, now: nil)
        guard message.header.id == delivery.id, message.header.sender == delivery.sender else {
            throw .deliveryMismatch
        }
        return message
    }

    /// Verifies and opens an envelope.
    /// - Parameters:
    ///   - receipt: the broker's `accepted` receipt, which says at which moment certificates had to be in date. Without
    ///     one that moment is `now`.
    ///   - now: the time, asked for only without a receipt.
    /// - Throws: the first reason not to believe it.
    public func open(
        _ bytes: [UInt8], receipt: Receipt?, known: KnownKeys, now: Timestamp?
    ) throws(Distrust) -> OpenedMessage {
        let (envelope, signer) = try verified(bytes, known)
        let document = try document(in: envelope)
        guard let header = Header(document.header) else { throw .documentUnreadable }
        guard header.sender == signer.agency else { throw .senderMismatch }
        guard header.hub == hub else { throw .wrongHub }
        guard header.recipients.contains(agency) || header.fallback.contains(agency) else { throw .notForUs }
        var acceptance: ReceiptStatement?
        if let receipt {
            acceptance = try ReceiptCheck(hub: hub, known: known, catalogue: catalogue)
                .acceptance(receipt, of: header.id, from: header.sender, digest: envelope.digest)
        }
        guard let moment = acceptance?.at ?? now, signer.isValid(at: moment) else { throw .certificateNotValid }
        let body = try document.isSealed ? opened(document.body, header) : document.body
        return OpenedMessage(
            header: header, headerJSON: JSON(document.header), body: JSON(body), digest: envelope.digest,
            wasSealed: document.isSealed, acceptance: acceptance,
            faults: SchemaReading(catalogue: catalogue).faults(header: document.header, header, body: body))
    }

    private func verified(
        _ bytes: [UInt8], _ known: KnownKeys
    ) throws(Distrust) -> (SignedEnvelope, KnownKeys.Signer) {
        guard let envelope = try? SignedEnvelope(parsing: bytes, limits: limits) else { throw .notAnEnvelope }
        guard let signer = known.signer(envelope.signer) else { throw .signerUnknown }
        guard envelope.isSigned(by: signer.certificate.publicKey) else { throw .signatureInvalid }
        return (envelope, signer)
    }

    private func document(in envelope: SignedEnvelope) throws(Distrust) -> EnvelopeDocument {
        do {
            let payload = try envelope.inflatedPayload(limit: limits.documentBytes)
            return try EnvelopeDocument(parsing: payload, limits: limits)
        } catch {
            throw .documentUnreadable
        }
    }

    private func opened(_ body: JSONValue, _ header: Header) throws(Distrust) -> JSONValue {
        guard let sealed = try? SealedBody(parsing: body, limits: limits) else { throw .sealedBodyInvalid }
        let keyIDs = Set(sealed.keyIDs)
        guard let pair = sealing.first(where: { keyIDs.contains($0.certificate.thumbprint.base64url) }) else {
            throw .notSealedForUs
        }
        do {
            return try sealed.open(with: pair.key, certificate: pair.certificate, header: header, limits: limits)
        } catch {
            switch error {
            case .notForThisKey: throw .notSealedForUs
            case .digestDiffers, .idDiffers, .senderDiffers: throw .sealedBodyForeign
            case .malformed: throw .sealedBodyInvalid
            }
        }
    }
}

/// A message that was verified and, where it was sealed, opened.
public struct OpenedMessage: Sendable {
    /// Its header.
    public let header: Header
    let headerJSON: JSON
    /// Its clear body.
    public let body: JSON
    /// The envelope's digest.
    public let digest: Digest
    /// Whether the body was sealed.
    public let wasSealed: Bool
    /// What the broker's receipt says; nil where none was given.
    public let acceptance: ReceiptStatement?
    /// Where the message breaks its schema or a rule of protection. It is who it says it is all the same: a person must see it.
    public let faults: [DocumentFault]

    /// The opened document: `{"header":…,"body":…}`.
    public var document: JSON { .object([.init("header", headerJSON), .init("body", body)]) }
}

/// A recipient's reading of schemas and rules: members that a newer minor version has added are passed over.
struct SchemaReading {
    let catalogue: SchemaCatalogue

    /// The broker cannot see it where the body is sealed.
    private static let understated = DocumentFault(
        pointer: "/header/privacy", keyword: "x-privacy",
        detail: LocalizedText(
            "The body holds more than this class; treat it as what it is, and tell the sender.",
            "Isi memuat data di atas kelas ini; perlakukan sesuai isinya dan beri tahu pengirim."))

    func faults(header value: JSONValue, _ header: Header, body: JSONValue) -> [DocumentFault] {
        let isNewer = header.schemaMinor > header.type.newestMinor
        var known = JSON(value)
        if isNewer { known["schema"] = .string("\(header.type.rawValue)/1.\(header.type.newestMinor)") }
        var faults: [DocumentFault] = []
        do {
            _ = try catalogue.header(known.value)
        } catch {
            faults =
                error.faults.isEmpty
                ? [DocumentFault(pointer: "/header/schema", keyword: "schema", detail: error.detail)] : error.faults
        }
        faults += catalogue.faults(inBody: body, of: header.type)
        if isNewer { faults.removeAll { $0.keyword == "additionalProperties" } }
        // The class of a member that this build does not know is not known either.
        if !isNewer, faults.isEmpty, header.privacy < catalogue.privacyClass(ofBody: body, type: header.type) {
            faults.append(Self.understated)
        }
        return faults + ProtectionRules.faults(header: header, value, body: body, roles: { _ in nil })
    }
}
