internal import JOSE
public import SimpulCore
internal import StrictJSON

/// What an answer to a received message needs of it: coded members of its header, the case's pairwise reference and the
/// services that were asked for. Nothing of it is about the person.
public struct Answerable: Sendable, Equatable {
    /// The message.
    public let key: MessageKey
    /// The services that were asked for, in their order; of a message other than a referral none.
    public let services: [String]
    let header: JSON
    let caseReference: String

    /// The members of the header that an answer repeats, or that it is judged by.
    private static let members = [
        "id", "sender", "status", "thread", "services", "region", "child", "tlp", "purpose", "legalBasis", "retainDays",
        "consentRef",
    ]

    /// The types that a `referral-status` answers.
    public static var types: [MessageType] {
        guard case .answer(let types)? = MessageType.referralStatus.lifecycle?.subject else { return [] }
        return types
    }

    /// What is kept of a message; nil for one that no `referral-status` answers. An alert and a tip have no case yet:
    /// whoever answers begins one, and all its answers name it.
    init?(_ message: OpenedMessage) {
        guard Self.types.contains(message.header.type) else { return nil }
        var header = JSON.object([JSON.Member]())
        for member in Self.members { if let value = message.headerJSON[member] { header[member] = value } }
        let isReferral = message.header.type == .referral
        self.init(
            header: header, case: isReferral ? message.body["case"] : .string(Self.newCase()),
            requested: isReferral ? message.body["requested"] : [])
    }

    /// A pairwise case reference that nobody has used: six of 36 characters, by chance.
    static func newCase() -> String {
        let characters = (0..<6).map { _ in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".randomElement() ?? "0" }
        return "K-" + String(characters.prefix(4)) + "-" + String(characters.suffix(2))
    }

    /// Reads what ``json`` has written.
    init?(_ value: JSONValue) {
        guard let header = value["header"], let body = value["body"] else { return nil }
        self.init(
            header: JSON(header), case: body["case"].map { JSON($0) }, requested: body["requested"].map { JSON($0) })
    }

    private init?(header: JSON, case reference: JSON?, requested: JSON?) {
        guard let sender = header.string("sender").flatMap(AgencyID.init),
            let id = header.string("id").flatMap(MessageID.init), case .string(let text)? = reference,
            case .array(let rows)? = requested
        else { return nil }
        key = MessageKey(sender: sender, id: id)
        services = rows.compactMap { $0.string("service") }
        self.header = header
        caseReference = text
    }

    var json: JSON {
        [
            "header": header,
            "body": [
                "case": .string(caseReference),
                "requested": .array(services.map { ["service": .string($0)] }),
            ],
        ]
    }

    /// Whether it may not be passed on by its recipient.
    public var isRed: Bool { header.string("tlp") == "RED" }
}

/// What a recipient says to a referral, an alert or a tip.
public struct ReferralAnswer: Sendable, Equatable {
    /// The answer to the whole.
    public enum Decision: Sendable, Equatable {
        /// The agency takes it over.
        case accept
        /// It does not, for a reason of the code list.
        case reject(String)
        /// Another agency is the right one.
        case redirect(AgencyID)
    }

    /// The answer to the whole.
    public var decision: Decision
    /// Services that get another state than the whole, by code. Of a message that asks for none by name, the services
    /// that the answer speaks of; none stands for `other_service`, with the state of the whole.
    public var services: [String: String]
    /// A remark that names no person and no address.
    public var note: String?

    /// An answer.
    public init(_ decision: Decision, services: [String: String] = [:], note: String? = nil) {
        self.decision = decision
        self.services = services
        self.note = note
    }

    /// The `referral-status` that says it; ``Composer`` checks it as any other document.
    /// - Throws: ``ClientError`` where TLP:RED forbids it, or a service was not asked for.
    public func document(to question: Answerable) throws(ClientError) -> GivenDocument {
        if case .redirect = decision, question.isRed { throw .redirectOfRed }
        let asked = question.services
        if !asked.isEmpty, let other = services.keys.sorted().first(where: { !asked.contains($0) }) {
            throw .notAsked(nearest: NearestWord.of(other, in: asked), among: asked)
        }
        let document: JSON = ["header": header(to: question), "body": body(to: question)]
        return try GivenDocument(parsing: document.bytes)
    }

    private var state: String {
        switch decision {
        case .accept: "accepted"
        case .reject: "rejected"
        case .redirect: "redirected"
        }
    }

    private func header(to question: Answerable) -> JSON {
        var header = question.header
        header["id"] = nil
        header["sender"] = nil
        let id = JSON.string(question.key.id.description)
        if header["thread"] == nil { header["thread"] = id }
        header["inReplyTo"] = id
        header["type"] = "referral-status"
        header["kind"] = "Response"
        header["recipients"] = [.string(question.key.sender.description)]
        header["state"] = .string(state)
        return header
    }

    private func body(to question: Answerable) -> JSON {
        let unnamed = services.isEmpty ? ["other_service"] : services.keys.sorted()
        let rows = (question.services.isEmpty ? unnamed : question.services).map { service in
            JSON.object(["service": .string(service), "state": .string(services[service] ?? state)])
        }
        var (reason, alternative): (String?, AgencyID?)
        switch decision {
        case .accept: break
        case .reject(let code): reason = code
        case .redirect(let agency): alternative = agency
        }
        return .object([
            "case": .string(question.caseReference), "perService": .array(rows),
            "rejectReason": reason.map { .string($0) },
            "alternative": alternative.map { [.string($0.description)] },
            "note": note.map { .string($0) },
        ])
    }
}

extension ClientError {
    fileprivate static let redirectOfRed = ClientError(
        .refused, "redirect-of-red",
        LocalizedText(
            "What is TLP:RED is not redirected: reject it, and its sender chooses whom to ask next.",
            "TLP:RED tidak dialihkan: tolaklah, lalu pengirim memilih pihak berikutnya."))

    fileprivate static func notAsked(nearest: String?, among services: [String]) -> ClientError {
        let list = services.joined(separator: ", ")
        let (meant, maksud) = (
            nearest.map { " Did you mean \($0)?" } ?? "", nearest.map { " Maksud Anda \($0)?" } ?? ""
        )
        return ClientError(
            .refused, "service-unknown",
            LocalizedText(
                "This service was not asked for.\(meant) Asked for: \(list).",
                "Layanan ini tidak diminta.\(maksud) Yang diminta: \(list)."))
    }
}
