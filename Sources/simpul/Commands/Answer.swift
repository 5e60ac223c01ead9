import ArgumentParser
import SimpulClient
import SimpulCore

/// `simpul answer`: says to the sender what becomes of a received referral, alert or tip.
struct Answer: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept, reject or redirect a referral, alert or tip that was received.",
        discussion: """
            Composes the referral-status from what simpul receive has kept of the message, checks, seals, signs and \
            sends it, and prints the broker's receipt; the sender finds the rung answered. Each service that a \
            referral asks for gets the state of the whole, unless --service says otherwise; an alert or a tip asks for \
            none by name, so the answer speaks of those that --service names, else of other_service. A rejection names \
            its reason by code; what is TLP:RED is not redirected. Other types have answers of their own: simpul new.

            Example:
              simpul answer 019cd138-1c40-7058-8a5e-cdcbfa53e0a8 --accept
              simpul answer id-1709.uptd-ppa/019cd138-1c40-7058-8a5e-cdcbfa53e0a8 --reject NO_CAPACITY
              simpul answer 019cd138-1c40-7058-8a5e-cdcbfa53e0a8 --redirect id-17.dinsos.rpsa
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(help: ArgumentHelp("The message's id, or SENDER/ID.", valueName: "message"))
    var reference: String

    @Flag(help: "This agency takes it over.")
    var accept = false

    @Option(help: ArgumentHelp("This agency does not, for that reason.", valueName: "code"))
    var reject: String?

    @Option(help: ArgumentHelp("That agency is the right one.", valueName: "agency"))
    var redirect: String?

    @Option(help: ArgumentHelp("The sender, where two agencies have used one id.", valueName: "agency"))
    var sender: String?

    @Option(
        name: .customLong("service"),
        help: ArgumentHelp("Another state for one service; may be repeated.", valueName: "code=state"))
    var services: [String] = []

    @Option(help: ArgumentHelp("A remark that names no person and no address.", valueName: "text"))
    var note: String?

    @Option(help: ArgumentHelp("How long to try, 1 to 86400.", valueName: "seconds"))
    var timeout = 60

    func validate() throws {
        guard [accept, reject != nil, redirect != nil].count(where: \.self) == 1 else {
            throw ValidationError("Give one of --accept, --reject and --redirect.")
        }
        guard redirect == nil || redirect.flatMap(AgencyID.init) != nil else {
            throw ValidationError("--redirect takes the id of an agency, such as id-1709.uptd-ppa.")
        }
        guard key != nil else { throw ValidationError("A message is named by its id, or as SENDER/ID.") }
        guard states != nil else { throw ValidationError("--service takes CODE=STATE, each code once.") }
        guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
    }

    private var key: (sender: AgencyID?, id: MessageID)? {
        let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let id = parts.last.flatMap(MessageID.init) else { return nil }
        guard let named = parts.count == 2 ? parts[0] : sender else { return (nil, id) }
        guard sender == nil || sender == named else { return nil }
        return AgencyID(named).map { ($0, id) }
    }

    private var states: [String: String]? {
        var states: [String: String] = [:]
        for text in services {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, states.updateValue(parts[1], forKey: parts[0]) == nil else {
                return nil
            }
        }
        return states
    }

    private var decision: ReferralAnswer.Decision {
        if let reject { return .reject(reject) }
        return redirect.flatMap(AgencyID.init).map { .redirect($0) } ?? .accept
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        let question = try await question(of: session)
        let answer = ReferralAnswer(decision, services: states ?? [:], note: note)
        let document = try answer.document(to: question)
        let spool = try Spool(folder: session.profile.spool)
        let deadline = Timestamp.now.advanced(bySeconds: Int64(timeout))
        let submitted = try await session.withHub { hub in
            try await session.sender(hub, spool).send(document, until: deadline)
        }
        try terminal.answer(submitted.json, submitted.text(terminal.language))
        return 0
    }

    /// The one message that is meant, of those that this profile has received and verified.
    private func question(of session: Session) async throws -> Answerable {
        guard let named = key else { throw ClientError.notReceived }
        let found = try AnswerableMessages(folder: session.profile.answerable).find(named.id, from: named.sender)
        guard let first = found.first else { throw try await unanswerable(named, session) }
        guard found.count == 1 else { throw ClientError.ambiguous }
        return first
    }

    /// Why there is nothing to answer: of a message of another type that was received, the broker tells which it is.
    private func unanswerable(
        _ named: (sender: AgencyID?, id: MessageID), _ session: Session
    ) async throws -> ClientError {
        let received = ReceivedMessages(file: session.profile.spool + "/received")
        let entry = try received.find { $0.key.id == named.id && named.sender ?? $0.key.sender == $0.key.sender }
        guard let key = entry?.key else { return .notReceived }
        let state = try await session.withHub { try await $0.message(key.id, from: key.sender) }
        let type = state["type"]?.string.flatMap(MessageType.init(rawValue:))
        return type.map { .answeredOtherwise($0) } ?? .notReceived
    }
}

extension ClientError {
    fileprivate static let notReceived = ClientError(
        .refused, "not-received",
        LocalizedText(
            "This profile has received no such referral, alert or tip; receive it first.",
            "Profil ini belum menerima rujukan, peringatan, atau laporan itu; terima dahulu."))

    fileprivate static let ambiguous = ClientError(
        .refused, "ambiguous",
        LocalizedText(
            "Two agencies have sent a message of that id; name one with --sender.",
            "Dua instansi mengirim pesan dengan ID itu; sebut salah satu dengan --sender."))

    fileprivate static func answeredOtherwise(_ type: MessageType) -> ClientError {
        let answers = type.answers.map(\.rawValue)
        guard !answers.isEmpty, !Answerable.types.contains(type) else {
            return ClientError(
                .refused, "not-answerable",
                LocalizedText(
                    "\(type.rawValue): nothing answers a message of this type, or nothing was kept of this one.",
                    "\(type.rawValue): pesan jenis ini tidak dijawab, atau tidak ada yang disimpan darinya."))
        }
        return ClientError(
            .refused, "not-answerable",
            LocalizedText(
                """
                A message of type \(type.rawValue) is answered by \(answers.joined(separator: " or ")): make one with \
                simpul new, name this message in inReplyTo, and send it with simpul send.
                """,
                """
                Pesan jenis \(type.rawValue) dijawab dengan \(answers.joined(separator: " atau ")): buat dengan simpul \
                new, sebut pesan ini dalam inReplyTo, lalu kirim dengan simpul send.
                """))
    }
}
