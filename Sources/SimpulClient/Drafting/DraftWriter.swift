internal import JOSE
public import SimpulCore
public import SimpulEnvelope
public import StrictJSON

/// Begins messages: for any type a draft with all that is known filled in, to be written on by hand.
public struct DraftWriter: Sendable {
    private let catalogue: SchemaCatalogue
    private let guide: SchemaGuide
    private let agency: AgencyID?
    private let hub: AgencyID?
    private let now: Timestamp

    /// A writer of drafts.
    /// - Parameters:
    ///   - agency: whose messages they are; nil where that is not known.
    ///   - hub: which broker is to carry them; nil where that is not known.
    ///   - now: what `sent` says.
    public init(catalogue: SchemaCatalogue, agency: AgencyID?, hub: AgencyID?, now: Timestamp) {
        self.catalogue = catalogue
        self.agency = agency
        self.hub = hub
        self.now = now
        guide = SchemaGuide()
    }

    /// A draft with comments, for a file whose name ends in `.jsonc`: each member that has to be there, with what the
    /// schemas say of it. What nobody can know yet is a value that no schema takes, so that nothing unfinished is sent.
    /// - Parameter offersAll: whether the optional members stand in it as well, behind `//`.
    public func text(of type: MessageType, in language: Language, offersAll: Bool = false) -> String {
        let title = guide.title(of: type) ?? .empty
        let top = [
            LocalizedText(
                "Draft of a message: \(type.rawValue) (\(title.english)).",
                "Konsep pesan: \(type.rawValue) (\(title.indonesian))."),
            LocalizedText(
                "Fill in every \"\" and null. What stands behind // is optional: take the // away to use it.",
                "Isi setiap \"\" dan null. Yang berada di belakang // bersifat opsional: hapus // untuk memakainya."),
            LocalizedText(
                "Then: simpul validate FILE.jsonc, and simpul send FILE.jsonc.",
                "Setelah itu: simpul validate BERKAS.jsonc, lalu simpul send BERKAS.jsonc."),
        ]
        let rules = RuleRemarks.remarks(on: type)
        return SkeletonText(language: language, remarks: remarks.merging(rules) { known, _ in known }).text(
            of: skeleton(of: type, offersAll: offersAll), top: top)
    }

    /// The same draft as strict JSON, without comments and optional members.
    public func json(of type: MessageType) -> JSON { skeleton(of: type).json }

    /// Asks a person for the message, member after member.
    /// - Returns: the document, and whether nothing is wrong with it.
    /// - Throws: ``ClientError`` where the answers end, or none fits.
    public func interview(
        _ person: some Respondent, of type: MessageType, in language: Language
    ) throws(ClientError) -> (document: JSON, isValid: Bool) {
        let proposed: Set = ["status", "region"]
        let filled = filled(type)
        var interview = Interview(
            person, in: language, type: type, catalogue: catalogue,
            filled: filled.filter { !proposed.contains($0.name) },
            proposals: Dictionary(
                filled.filter { proposed.contains($0.name) }.map { ($0.name, $0.value) },
                uniquingKeysWith: { first, _ in first }))
        return try interview.hold()
    }

    func skeleton(of type: MessageType, offersAll: Bool = false) -> Skeleton {
        let builder = SkeletonBuilder(offersAll: offersAll)
        let body = builder.entries(of: guide.body(of: type))
        let json = Skeleton.Node.object(body).json.value
        let privacy = catalogue.privacyClass(ofBody: json, type: type)
        let filled = filled(type) + [("privacy", .string(privacy.code))]
        return Skeleton(header: builder.entries(of: guide.header(of: type), filled: filled), body: body)
    }

    /// What is known of a header before anybody has said a word.
    func filled(_ type: MessageType) -> [(name: String, value: JSON)] {
        let id = MessageID(version7At: now, random: SecureRandom.bytes(10))
        var filled: [(name: String, value: JSON)] = [
            ("id", .string(id.description)), ("type", .string(type.rawValue)),
            ("schema", .string("\(type.rawValue)/1.\(type.newestMinor)")),
            ("sent", .string(now.description)),
            ("expires", .string(now.advanced(bySeconds: type.usualLifetime).description)),
            ("status", "Test"),
        ]
        if let hub { filled.append(("hub", .string(hub.description))) }
        guard let agency else { return filled }
        filled.append(("sender", .string(agency.description)))
        if let region = agency.region { filled.append(("region", .string(region))) }
        return filled
    }

    private var remarks: [String: LocalizedText] {
        let fromProfile = LocalizedText("Taken from the profile.", "Diambil dari profil.")
        var remarks = [
            "id": LocalizedText(
                "Keep it: the same draft with the same id is one message, however often it is sent.",
                "Pertahankan: konsep yang sama dengan id yang sama adalah satu pesan, berapa kali pun dikirim."),
            "status": LocalizedText(
                "Test, until you write Actual.", "Uji coba (Test), sampai Anda menulis Actual."),
            "expires": LocalizedText(
                "What is usual for this type; you may change it.",
                "Masa yang lazim untuk jenis ini; boleh diubah."),
            "privacy": LocalizedText(
                "The class of what stands below; raise it where you add members of a higher one.",
                "Kelas dari yang tertulis di bawah; naikkan bila menambah anggota dengan kelas lebih tinggi."),
        ]
        if hub != nil { remarks["hub"] = fromProfile }
        if agency != nil { remarks["sender"] = fromProfile }
        if agency?.region != nil {
            remarks["region"] = LocalizedText(
                "That of your agency's id; change it where the matter is elsewhere.",
                "Wilayah dari ID instansi Anda; ubah bila perkaranya di tempat lain.")
        }
        return remarks
    }
}

extension AgencyID {
    /// The region that the digits of the id name, where they have the length of a province's or a regency's code. Only a
    /// proposal for a person: no part of an id means anything to the network.
    fileprivate var region: String? {
        let digits = description.dropFirst(3).prefix { $0 != "." }
        switch digits.count {
        case 2: return String(digits)
        case 4: return "\(digits.prefix(2)).\(digits.suffix(2))"
        default: return nil
        }
    }
}
