internal import Glibc
internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// A request of the status socket that has found its row, by somebody who may make it.
struct StatusCall: Sendable {
    let request: Request
    /// What the braces of the row's template stand for.
    let values: [String]
    /// Who asks, and in which role.
    let by: OperationBy

    /// Who wants an operation, and why: what every `POST` of the table asks for first, before it changes anything.
    /// - Throws: `schema-invalid` where the reason is missing or is none; what is wrong with the body otherwise.
    func operation() async throws -> (by: OperationBy, reason: String) {
        (by, try await reason(besides: []).text)
    }

    /// Why, and of which recipient's delivery, of a call about one message.
    /// - Throws: as ``operation()``; `schema-invalid` where `agency` is no agency's id.
    func order() async throws -> (reason: String, agency: AgencyID?) {
        let (reason, document) = try await reason(besides: ["agency"])
        guard let member = document["agency"] else { return (reason, nil) }
        guard let agency = member.string.flatMap(AgencyID.init) else {
            throw Refusal.member("/agency", .agencyExpected, keyword: "pattern")
        }
        return (reason, agency)
    }

    /// Why, and from whom to whom a delivery goes.
    /// - Throws: as ``operation()``; `schema-invalid` where `from` or `to` is missing or no agency's id.
    func redirect() async throws -> (reason: String, from: AgencyID, to: AgencyID) {
        let (reason, document) = try await reason(besides: ["from", "to"])
        func agency(_ name: String) throws -> AgencyID {
            guard let member = document[name] else {
                throw Refusal.member("", .bothAgenciesExpected, keyword: "required")
            }
            guard let agency = member.string.flatMap(AgencyID.init) else {
                throw Refusal.member("/\(name)", .bothAgenciesExpected, keyword: "pattern")
            }
            return agency
        }
        return (reason, try agency("from"), try agency("to"))
    }

    private func reason(besides members: Set<String>) async throws -> (text: String, document: JSONValue) {
        let document = try await SmallDocument.object(of: request, members: members.union(["reason"]))
        guard let member = document["reason"] else { throw Refusal.member("", .reasonExpected, keyword: "required") }
        guard let reason = member.string else { throw Refusal.member("/reason", .reasonExpected) }
        guard OperationRecord.isReason(reason) else {
            throw Refusal.member("/reason", .reasonExpected, keyword: "pattern")
        }
        return (reason, document)
    }

    /// The agency that the first brace names.
    /// - Throws: `not-found` where it names none.
    func agency() throws -> AgencyID {
        guard let agency = values.first.flatMap({ AgencyID($0) }) else { throw Refusal.notFound }
        return agency
    }

    /// The message that the first two braces name.
    /// - Throws: `not-found` where they name none.
    func message() throws -> MessageKey {
        guard values.count == 2, let sender = AgencyID(values[0]), let id = MessageID(values[1]) else {
            throw Refusal.notFound
        }
        return MessageKey(sender: sender, id: id)
    }
}

/// One call of the status socket; docs/status.md lists them all, and a test compares.
struct StatusEndpoint: Sendable {
    /// The least role that may make it.
    let role: StatusRole
    /// Answers it.
    let handle: @Sendable (StatusCall) async throws -> Response
}

/// Who may make which call.
struct StatusGate: Sendable {
    let rights: StatusRights
    /// The user that this process runs as.
    let daemon: UInt32

    init(_ rights: StatusRights, daemon: UInt32 = geteuid()) {
        self.rights = rights
        self.daemon = daemon
    }

    /// Lets a peer through, or says which role it would take. A peer that the system does not name only reads.
    /// - Throws: `role-denied`.
    func admit(_ peer: LocalPeer?, for role: StatusRole) async throws -> OperationBy {
        guard let peer, role > .viewer else {
            guard role == .viewer else { throw Refusal.roleDenied(role) }
            return OperationBy(uid: peer?.user ?? UInt32.max, user: nil, role: .viewer)
        }
        let account = try await peer.account()
        let own = rights.role(of: peer.user, groups: account.groups, brokerRunsAs: daemon)
        guard own >= role else { throw Refusal.roleDenied(role) }
        return OperationBy(uid: peer.user, user: account.name, role: own)
    }
}

extension LocalizedText {
    fileprivate static let agencyExpected = LocalizedText(
        "agency is the id of a recipient; without it every delivery of the message is meant.",
        "agency adalah ID penerima; tanpa itu semua kiriman pesan dimaksud.")
    fileprivate static let bothAgenciesExpected = LocalizedText(
        "from and to are required, each the id of an agency: whose delivery it is, and who takes over.",
        "from dan to wajib, masing-masing ID instansi: pemilik kiriman, dan penggantinya.")
    fileprivate static let reasonExpected = LocalizedText(
        "reason is required: why this is done, in 1 to \(OperationRecord.longestReason) characters on one line.",
        "reason wajib: alasan tindakan ini, 1 sampai \(OperationRecord.longestReason) karakter dalam satu baris.")
}

extension Refusal {
    static func roleDenied(_ least: StatusRole) -> Refusal {
        Refusal(
            .roleDenied, at: .authorize,
            LocalizedText(
                "This call takes the role \(least.rawValue). Roles are given under status in simpuld.yaml.",
                "Panggilan ini memerlukan peran \(least.rawValue). Peran diberikan di bawah status pada simpuld.yaml."),
            diagnosis: least.rawValue)
    }
}
