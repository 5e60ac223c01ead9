internal import JOSE
public import SimpulCore
public import SimpulEnvelope
internal import StrictJSON

/// Makes messages ready to be sealed: fills in what the sender may leave out, derives the class of the body, and checks
/// everything that a broker would check of a document, so that its faults are found before anything is sealed.
public struct Composer: Sendable {
    private let agency: AgencyID
    private let hub: AgencyID
    private let catalogue: SchemaCatalogue
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private let guide = SchemaGuide()

    /// A composer for messages of that agency to that broker.
    public init(
        agency: AgencyID, hub: AgencyID, catalogue: SchemaCatalogue, limits: Limits = Limits(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.agency = agency
        self.hub = hub
        self.catalogue = catalogue
        self.limits = limits
        self.now = now
    }

    /// Completes a document: `id` (UUIDv7), `schema`, `hub`, `sender`,
    /// `sent`, `expires` (an alert's 24 hours, a referral's and an info-request's 7 days, others' 14 days after `sent`)
    /// and `privacy` where they are absent. A class that is there is never lowered; one lower than the body's is a fault.
    /// - Parameter roles: what agencies are, as far as it is known here; the broker knows all of them.
    /// - Throws: ``ClientError`` with every fault of header and body at once.
    public func draft(
        _ given: GivenDocument, roles: RoleLookup = { _ in nil }
    ) throws(ClientError) -> Draft {
        let document = given.document
        let filled = complete(JSON(document.header), body: document.body)
        do {
            return Draft(
                header: try checked(filled, given: document, roles: roles), headerJSON: filled,
                body: JSON(document.body))
        } catch {
            throw ClientError(error)
        }
    }

    private func complete(_ given: JSON, body: JSONValue) -> JSON {
        var header = given
        func fill(_ name: String, _ value: @autoclosure () -> String) {
            if header[name] == nil { header[name] = .string(value()) }
        }
        let moment = now()
        fill("id", MessageID(version7At: moment, random: SecureRandom.bytes(10)).description)
        fill("sender", agency.description)
        fill("hub", hub.description)
        fill("sent", moment.description)
        guard let type = header.string("type").flatMap(MessageType.init) else { return header }
        fill("schema", "\(type.rawValue)/1.\(type.newestMinor)")
        if let sent = header.string("sent").flatMap({ Timestamp($0) }) {
            fill("expires", sent.advanced(bySeconds: min(type.usualLifetime, limits.lifetimeSeconds)).description)
        }
        fill("privacy", catalogue.privacyClass(ofBody: body, type: type).code)
        return header
    }

    private func checked(
        _ filled: JSON, given: EnvelopeDocument, roles: RoleLookup
    ) throws(Refusal) -> Header {
        var faults = ownFaults(of: filled, given: given)
        let headerJSON = filled.value
        let found = try guide.faults(inHeader: headerJSON, by: catalogue)
        faults += found.faults
        if let type = filled.string("type").flatMap(MessageType.init) {
            faults += guide.faults(inBody: given.body, of: type, by: catalogue)
        }
        if let header = found.header {
            do {
                try MessageRules(catalogue: catalogue, limits: limits).requireTimes(header, at: now())
            } catch {
                guard !faults.isEmpty else { throw error }
                faults += error.faults
            }
        }
        let broken =
            found.header.map { ProtectionRules.faults(header: $0, headerJSON, body: given.body, roles: roles) } ?? []
        guard let header = found.header, faults.isEmpty else { throw .schemaInvalid(faults + broken) }
        guard broken.isEmpty else { throw .rule(broken) }
        return header
    }

    /// What no schema knows: whose message this is, and how its class compares with its body's.
    private func ownFaults(of filled: JSON, given: EnvelopeDocument) -> [DocumentFault] {
        var faults: [DocumentFault] = []
        if filled["bodyDigest"] != nil {
            faults.append(.header("bodyDigest", .setBySealing))
        }
        if filled["sender"] != .string(agency.description) {
            faults.append(.header("sender", .notOwn))
        }
        if filled["hub"] != .string(hub.description) {
            faults.append(.header("hub", .notOwn))
        }
        if let type = filled.string("type").flatMap(MessageType.init),
            let declared = filled.string("privacy").flatMap(PrivacyClass.init),
            declared < catalogue.privacyClass(ofBody: given.body, type: type)
        {
            faults.append(.classTooLow)
        }
        return faults
    }
}

extension MessageType {
    /// Seconds after `sent` at which a message of this type expires unless its sender says otherwise.
    var usualLifetime: Int64 {
        switch self {
        case .alert: 86_400
        case .referral, .infoRequest, .securityIncident: 7 * 86_400
        case .tip, .referralStatus, .activityReport, .screening, .outcome, .legalProgress, .evidenceNotice, .return,
            .infoResponse, .consent, .amendment, .feedback, .correlationNotice, .caseConference:
            14 * 86_400
        case .withdrawal, .recall, .bulletin, .directory, .correlationSubmit: 30 * 86_400
        }
    }
}

extension JSON {
    func string(_ name: String) -> String? {
        guard case .string(let text) = self[name] else { return nil }
        return text
    }

    /// The tree as a parsed value. What this module builds is always JSON; null stands in where a caller's is not.
    var value: JSONValue {
        if let document = try? JSONDocument(bytes) { return document.root }
        guard let null = try? JSONDocument(JSON.null.bytes) else { preconditionFailure("null is JSON") }
        return null.root
    }
}

extension DocumentFault {
    fileprivate static func header(_ member: String, _ detail: LocalizedText) -> DocumentFault {
        DocumentFault(pointer: "/header/\(member)", keyword: "send", detail: detail)
    }
}

extension LocalizedText {
    fileprivate static let setBySealing = LocalizedText(
        "This member is set when the body is sealed; leave it out.",
        "Anggota ini diisi saat isi disegel; jangan disertakan.")
    fileprivate static let notOwn = LocalizedText(
        "This is another id than the profile's; leave it out or correct it.",
        "ID ini berbeda dari profil; hapus atau perbaiki.")
}
