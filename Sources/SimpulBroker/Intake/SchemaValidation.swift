public import SimpulCore
public import SimpulEnvelope
internal import StrictJSON

/// A message that is what it says: strict JSON, from its sender, for this broker, in its schema, in time, and sealed
/// where it must be, for exactly its parties, and within the rules of protection as far as the broker can read it.
public struct ValidMessage: Sendable {
    /// Who submitted it.
    public let caller: Caller
    /// The envelope.
    public let envelope: SignedEnvelope
    /// The header.
    public let header: Header
    /// What it says of a consent; of a `consent` only.
    public let consent: ConsentStatement?

    fileprivate init(_ verified: VerifiedEnvelope, header: Header, consent: ConsentStatement?) {
        caller = verified.caller
        envelope = verified.envelope
        self.header = header
        self.consent = consent
    }
}

/// ``InflatedDocument`` → ``ValidMessage``, in the order of protocol §3: JSON, sender and hub, schema, time, recipients,
/// class and seals, rules of protection.
struct SchemaValidation: Sendable {
    let hub: AgencyID
    let catalogue: SchemaCatalogue
    let limits: Limits

    /// - Throws: `json-invalid`, `sender-mismatch`, `wrong-hub`, `schema-unknown`, `schema-invalid`, `time-invalid`,
    ///   `recipient-unknown`, `must-be-sealed`, `seal-recipients`, `rule`, or what a sealed body's
    ///   form asks for.
    func validate(_ inflated: InflatedDocument) throws(Refusal) -> ValidMessage {
        let caller = inflated.verified.caller
        let document = try EnvelopeDocument(parsing: inflated.octets, limits: limits)
        do {
            return try validate(document, of: inflated.verified, caller: caller)
        } catch {
            throw error.of(document.header["id"]?.string.flatMap(MessageID.init))
        }
    }

    private func validate(
        _ document: EnvelopeDocument, of verified: VerifiedEnvelope, caller: Caller
    ) throws(Refusal) -> ValidMessage {
        try requireSender(document.header, signer: verified.signer, caller: caller)
        try requireHub(document.header)
        let rules = MessageRules(catalogue: catalogue, limits: limits)
        let header = try rules.header(of: document)
        try rules.requireTimes(header, at: caller.at)
        try requireKnownParties(header, roster: caller.rules.roster)
        let consent = try consent(in: document, header)
        try rules.requireClassAndSeal(document, header) { agency in
            caller.rules.roster.sealingCertificates(of: agency, at: caller.at).map(\.thumbprint.base64url)
        }
        try ProtectionRules.require(
            header: header, document.header, body: document.isSealed ? nil : document.body,
            roles: { caller.rules.roster.activeAgency($0)?.roles })
        return ValidMessage(verified, header: header, consent: consent)
    }

    /// What a `consent` says: the broker keeps it, so it is read here, and never sealed.
    private func consent(in document: EnvelopeDocument, _ header: Header) throws(Refusal) -> ConsentStatement? {
        guard header.type == .consent else { return nil }
        guard !document.isSealed else { throw .sealedConsent(header) }
        let statement = try ConsentStatement(header, body: document.body)
        try statement.requireLength(atMostSeconds: limits.consentSeconds, of: header)
        return statement
    }

    private func requireSender(
        _ header: JSONValue, signer: RosterCertificate, caller: Caller
    ) throws(Refusal) {
        // A sender that is missing or no text is a fault of the schema, which lists it with its place.
        guard let sender = header["sender"]?.string else { return }
        guard sender == caller.agency.id.description, signer.agency == caller.agency.id else {
            throw Refusal(
                .senderMismatch, at: .validate,
                LocalizedText(
                    "header.sender, the certificate that signed and the connection must be of one agency.",
                    "header.sender, sertifikat penanda tangan, dan sambungan harus milik satu instansi."))
        }
    }

    private func requireHub(_ header: JSONValue) throws(Refusal) {
        guard let value = header["hub"]?.string, value != hub.description else { return }
        throw Refusal(
            .wrongHub, at: .validate,
            LocalizedText(
                "header.hub must be this broker, \(hub). Was the message meant for another one?",
                "header.hub harus simpul ini, \(hub). Apakah pesan ditujukan ke simpul lain?"))
    }

    /// The broker itself may be a recipient of what it keeps: a `consent`.
    private func requireKnownParties(_ header: Header, roster: Roster) throws(Refusal) {
        var faults: [DocumentFault] = []
        for (member, agencies) in [("recipients", header.recipients), ("fallback", header.fallback)] {
            for (index, agency) in agencies.enumerated() where roster.activeAgency(agency) == nil {
                if agency == hub && header.type == .consent && member == "recipients" { continue }
                faults.append(
                    DocumentFault(
                        pointer: "/header/\(member)/\(index)", keyword: "roster",
                        detail: LocalizedText(
                            "This is no active agency of this broker.", "Ini bukan instansi aktif di simpul ini.")))
            }
        }
        guard faults.isEmpty else {
            throw Refusal(
                .recipientUnknown, at: .validate,
                LocalizedText(
                    "A recipient is no active agency of this broker; GET /v1/directory lists them.",
                    "Ada penerima yang bukan instansi aktif di simpul ini; lihat GET /v1/directory."),
                faults: faults)
        }
    }
}
