public import SimpulCore
internal import StrictJSON

/// The rules of protocol §1 that sender, broker and recipient all apply to a document whose header is valid.
public struct MessageRules: Sendable {
    private let catalogue: SchemaCatalogue
    private let limits: Limits

    /// The rules with those schemas and limits.
    public init(catalogue: SchemaCatalogue, limits: Limits) {
        self.catalogue = catalogue
        self.limits = limits
    }

    /// Reads the header: it and a clear body fit their schemas, and `bodyDigest` is there exactly where the body is
    /// sealed.
    /// - Throws: `schema-unknown`, or `schema-invalid` with every fault of header and body.
    public func header(of document: EnvelopeDocument) throws(Refusal) -> Header {
        var faults: [DocumentFault] = []
        if !document.isSealed, let type = document.header["type"]?.string.flatMap(MessageType.init) {
            faults = catalogue.faults(inBody: document.body, of: type)
        }
        let header: Header
        do {
            header = try catalogue.header(document.header)
        } catch {
            guard error.code == .schemaInvalid else { throw error }
            throw .schemaInvalid(Array((error.faults + faults).prefix(limits.violations)))
        }
        if document.isSealed && header.bodyDigest == nil {
            faults.append(
                DocumentFault(pointer: "/header", keyword: "required", detail: .memberMissing("bodyDigest")))
        }
        if !document.isSealed && header.bodyDigest != nil {
            faults.append(
                DocumentFault(
                    pointer: "/header/bodyDigest", keyword: "additionalProperties", detail: .memberNotAllowed))
        }
        guard faults.isEmpty else { throw .schemaInvalid(faults) }
        return header
    }

    /// `sent` is near the clock, `expires` is ahead of it and near `sent`.
    /// - Throws: `time-invalid` with the place.
    public func requireTimes(_ header: Header, at now: Timestamp) throws(Refusal) {
        var faults: [DocumentFault] = []
        func check(_ holds: Bool, _ member: String, _ english: String, _ indonesian: String) {
            guard !holds else { return }
            faults.append(
                DocumentFault(
                    pointer: "/header/\(member)", keyword: "time", detail: LocalizedText(english, indonesian)))
        }
        check(
            header.sent <= now.advanced(bySeconds: limits.sentAheadSeconds), "sent",
            "sent is too far ahead of the broker's clock.", "sent terlalu jauh di depan jam simpul.")
        check(
            header.sent >= now.advanced(bySeconds: -limits.sentBehindSeconds), "sent",
            "sent is too far behind the broker's clock.", "sent terlalu jauh di belakang jam simpul.")
        check(
            header.expires > now, "expires", "expires has passed already.", "expires sudah lewat.")
        check(
            header.expires <= header.sent.advanced(bySeconds: limits.lifetimeSeconds), "expires",
            "expires is too long after sent.", "expires terlalu lama setelah sent.")
        guard faults.isEmpty else {
            throw Refusal(
                .timeInvalid, at: .validate,
                LocalizedText(
                    "A time is out of bounds; check the clock of this system.",
                    "Ada waktu di luar batas; periksa jam sistem ini."), faults: faults)
        }
    }

    /// The class is not understated, what must be sealed is sealed, and for exactly the parties of the message.
    /// - Parameter sealing: the `kid`s of an agency's current sealing certificates.
    /// - Throws: `must-be-sealed`, `schema-invalid`, `seal-recipients`, `parameter-refused` or `algorithm-refused`.
    public func requireClassAndSeal(
        _ document: EnvelopeDocument, _ header: Header, sealing: (AgencyID) -> [String]
    ) throws(Refusal) {
        if document.isSealed {
            let body = try SealedBody(parsing: document.body, limits: limits)
            try requireSealedForParties(body, header, sealing: sealing)
        } else {
            try requireClearIsAllowed(document, header)
        }
    }

    private func requireClearIsAllowed(_ document: EnvelopeDocument, _ header: Header) throws(Refusal) {
        let derived = catalogue.privacyClass(ofBody: document.body, type: header.type)
        if header.mustBeSealed || derived.mustBeSealed {
            throw Refusal(
                .mustBeSealed, at: .validate,
                LocalizedText(
                    "This body must be sealed: its class is P3 or P4, or a child is concerned.",
                    "Isi pesan ini wajib disegel: kelasnya P3 atau P4, atau menyangkut anak."),
                diagnosis: "declared \(header.privacy.code), derived \(derived.code)")
        }
        if header.privacy < derived {
            throw .schemaInvalid([
                DocumentFault(
                    pointer: "/header/privacy", keyword: "x-privacy",
                    detail: LocalizedText(
                        "The class is lower than that of a field in the body.",
                        "Kelas lebih rendah daripada kelas salah satu bidang dalam isi."))
            ])
        }
    }

    private func requireSealedForParties(
        _ body: SealedBody, _ header: Header, sealing: (AgencyID) -> [String]
    ) throws(Refusal) {
        let keyIDs = Set(body.keyIDs)
        var allowed: Set<String> = []
        var everyPartyCanOpen = true
        for party in Set(header.recipients + header.fallback) {
            let own = sealing(party)
            allowed.formUnion(own)
            if keyIDs.isDisjoint(with: own) { everyPartyCanOpen = false }
        }
        guard everyPartyCanOpen, keyIDs.isSubset(of: allowed), keyIDs.count == body.keyIDs.count else {
            throw Refusal(
                .sealRecipients, at: .validate,
                LocalizedText(
                    "Seal for current sealing certificates of every agency in recipients and fallback, and of nobody else.",
                    "Segel untuk sertifikat segel terkini setiap instansi dalam recipients dan fallback, dan tidak untuk pihak lain."
                ))
        }
    }
}
