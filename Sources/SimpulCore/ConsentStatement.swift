public import StrictJSON

/// What a person has agreed to, as far as the broker can hold a message against it.
public struct ConsentTerms: Hashable, Sendable {
    /// Agencies that it covers, besides the one that holds it.
    public var shareWith: Set<AgencyID>
    /// What the data may be processed for.
    public var purposes: Set<Header.Purpose>
    /// The types of message that it covers.
    public var types: Set<MessageType>
    /// When it begins.
    public var from: Timestamp
    /// When it ends by itself; that moment is no longer covered.
    public var until: Timestamp

    /// Terms.
    public init(
        shareWith: Set<AgencyID>, purposes: Set<Header.Purpose>, types: Set<MessageType>, from: Timestamp,
        until: Timestamp
    ) {
        self.shareWith = shareWith
        self.purposes = purposes
        self.types = types
        self.from = from
        self.until = until
    }

    /// Reads a body that the schema of `consent` has accepted; nil where it leaves the terms out.
    init?(_ body: JSONValue) {
        guard let from = body["from"]?.string.flatMap({ Timestamp($0) }),
            let until = body["until"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        func set<Value>(_ name: String, _ parse: (String) -> Value?) -> Set<Value> {
            Set((body[name].map { Array($0.elements) } ?? []).compactMap { $0.string.flatMap(parse) })
        }
        self.init(
            shareWith: set("shareWith", AgencyID.init), purposes: set("purposes", Header.Purpose.init(rawValue:)),
            types: set("types", MessageType.init(rawValue:)), from: from, until: until)
    }
}

/// What a `consent` message says, read once from its header and its clear body; it cannot hold a body that contradicts
/// its header.
public struct ConsentStatement: Hashable, Sendable {
    /// What it does to the grant.
    public enum Act: Hashable, Sendable {
        /// It makes the grant.
        case grant(ConsentTerms)
        /// It replaces the terms, whole.
        case modify(ConsentTerms)
        /// The person has withdrawn it.
        case withdraw
        /// It is over.
        case expire
    }

    /// The grant, among those of the message's sender.
    public var reference: ConsentReference
    /// What the message does to it.
    public var act: Act

    /// A statement.
    public init(reference: ConsentReference, act: Act) {
        self.reference = reference
        self.act = act
    }

    /// Reads a message of type `consent` whose header and body their schemas have accepted.
    /// - Throws: `rule` where header and body do not agree, or the terms end before they begin, with every place.
    public init(_ header: Header, body: JSONValue) throws(Refusal) {
        let reference = body["consentRef"]?.string.flatMap(ConsentReference.init)
        let terms = ConsentTerms(body)
        let ends = header.action == "withdraw" || header.action == "expire"
        var faults: [DocumentFault] = []
        if header.consent != nil && header.consent != reference {
            faults.append(.consent("/body/consentRef", .otherReference))
        }
        if ends != (body["ended"] != nil) { faults.append(.consent("/body/ended", .endedDisagrees)) }
        if let terms, !ends, terms.from >= terms.until { faults.append(.consent("/body/until", .endsBeforeItBegins)) }
        guard let reference, let act = Self.act(header.action, terms), faults.isEmpty else {
            throw .consentStatement(faults, of: header)
        }
        self.init(reference: reference, act: act)
    }

    /// - Throws: `rule` where the terms last longer than that.
    public func requireLength(atMostSeconds seconds: Int64, of header: Header) throws(Refusal) {
        guard let terms, terms.until > terms.from.advanced(bySeconds: seconds) else { return }
        throw .consentStatement([.consent("/body/until", .tooLong(days: seconds / 86400))], of: header)
    }

    /// The terms that it brings; an end brings none.
    public var terms: ConsentTerms? {
        switch act {
        case .grant(let terms), .modify(let terms): terms
        case .withdraw, .expire: nil
        }
    }

    private static func act(_ action: String?, _ terms: ConsentTerms?) -> Act? {
        switch action {
        case "grant": terms.map { .grant($0) }
        case "modify": terms.map { .modify($0) }
        case "withdraw": .withdraw
        case "expire": .expire
        default: nil
        }
    }
}

extension Refusal {
    fileprivate static func consentStatement(_ faults: [DocumentFault], of header: Header) -> Refusal {
        Refusal(
            .rule, at: .validate,
            LocalizedText(
                "What this consent says does not go together; each place is listed.",
                "Isi persetujuan ini tidak sejalan; setiap tempatnya disebut."),
            diagnosis: faults.map(\.pointer).joined(separator: ", "), faults: faults, message: header.id)
    }

    /// A consent that is sealed, so that the broker cannot keep it.
    public static func sealedConsent(_ header: Header) -> Refusal {
        let text = LocalizedText(
            "The broker reads consents; they name nobody. Send this one clear.",
            "Simpul membaca persetujuan, yang tidak menyebut siapa pun. Kirim tanpa segel.")
        return Refusal(
            .rule, at: .validate, text, diagnosis: "a sealed consent", faults: [.consent("/body", text)],
            message: header.id)
    }
}

extension DocumentFault {
    fileprivate static func consent(_ pointer: String, _ detail: LocalizedText) -> DocumentFault {
        DocumentFault(pointer: pointer, keyword: "R-02", detail: detail)
    }
}

extension LocalizedText {
    fileprivate static let otherReference = LocalizedText(
        "This is another reference than the header's.", "Rujukan ini berbeda dari yang ada di header.")
    fileprivate static let endedDisagrees = LocalizedText(
        "ended is there exactly where the action is withdraw or expire.",
        "ended ada hanya bila tindakannya withdraw atau expire.")
    fileprivate static let endsBeforeItBegins = LocalizedText(
        "until must be after from.", "until harus setelah from.")

    fileprivate static func tooLong(days: Int64) -> LocalizedText {
        LocalizedText(
            "A consent lasts at most \(days) days; ask the person again after that.",
            "Persetujuan berlaku paling lama \(days) hari; setelah itu mintalah kembali.")
    }
}
