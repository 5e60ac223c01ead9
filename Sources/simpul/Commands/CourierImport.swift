import ArgumentParser
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// `simpul courier import`: takes what the other side has exported.
struct CourierImportCommand: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take a bundle: as an agency messages, as the broker messages and receipts.",
        discussion: """
            The whole file is verified before anything is done. As an agency, messages are shown or handed to a command \
            as simpul receive does; what was handled, by wire or by bundle, is handed over once, and its signed receipt \
            goes with the next export. As the broker, each message goes the way of every submission.

            Exit code 1 where the bundle is refused, or something in it was refused, not believed or not handled. \
            Importing again does no harm.

            Example:
              simpul courier import /media/stick/to-police
              simpul courier import --exec ./import-into-case-system /media/stick/to-police
              simpul courier import --answer /media/stick/to-police-2 /media/stick/from-police
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var courier: CourierOption
    @OptionGroup var output: OutputOption

    @Option(help: ArgumentHelp("As the broker: write the bundle that goes back to this file.", valueName: "file"))
    var answer: String?

    @Option(
        help: ArgumentHelp(
            "As an agency: run a shell command for each message, which is handled where it succeeds.",
            valueName: "command"))
    var exec: String?

    @Option(
        help: ArgumentHelp("As an agency: write each opened document to <id>.json in this folder.", valueName: "folder")
    )
    var out: String?

    @Option(
        help: ArgumentHelp(
            "As an agency: verify and decrypt the attachments of each message to this folder before it is handled.",
            valueName: "folder"))
    var attachments: String?

    @Flag(help: "Replace the file of --answer.")
    var force = false

    @Argument(help: "The bundle.")
    var file: String

    func perform(_ terminal: Terminal) async throws -> Int32 {
        switch try courier.side(profile) {
        case .hub(let socket):
            guard exec == nil, out == nil, attachments == nil else {
                throw ValidationError("--exec, --out and --attachments are an agency's.")
            }
            return try await importAsHub(socket, terminal)
        case .agency:
            guard answer == nil else {
                throw ValidationError("--answer is the broker's; an agency uses simpul courier export.")
            }
            return try await importAsAgency(terminal)
        }
    }

    private func importAsHub(_ socket: String, _ terminal: Terminal) async throws -> Int32 {
        func bundle(isCheck: Bool) async throws -> JSONValue {
            try await StatusSocket.importBundle(file, at: socket, isCheck: isCheck, language: terminal.language)
        }
        _ = try await bundle(isCheck: true)
        let report = try await bundle(isCheck: false)
        let imported = HubImport(report)
        try terminal.answer(JSON(report), imported.text(terminal.language))
        if let answer, let agency = imported.agency {
            try await CourierOutput(recipient: agency, file: answer, force: force).writeAsHub(socket, terminal)
        }
        return imported.isClean ? 0 : 1
    }

    private func importAsAgency(_ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        let spool = try Spool(folder: session.profile.spool)
        if let out { try FileAccess.makeDirectory(out) }
        let reader = CourierReader(
            agency: session.profile.agency, hub: session.profile.hub, known: session.known,
            sealing: session.keys.sealing, now: { .now })
        let head = try await reader.verify(file)
        let received = ReceivedMessages(file: session.profile.spool + "/received")
        let carried = try CourierFiles(spoolFolder: spool.folder)
        carried.prune(at: .now)
        let files = try attachments.map { folder throws(ClientError) in
            MessageAttachments(
                inbox: try AttachmentInbox(
                    hub: nil, spool: spool.folder, folder: folder, clock: session.clock, patience: 1,
                    progress: .silent),
                folder: folder, terminal: terminal)
        }
        var importing = AgencyImport(
            terminal: terminal,
            receiver: CourierReceiver(
                incoming: session.incoming, hub: session.profile.hub, identity: session.keys.signing,
                known: session.known,
                check: { ReceiptCheck(hub: session.profile.hub, known: $0, catalogue: session.catalogue) },
                spool: spool, seen: try SeenMessages(file: session.profile.spool + "/seen"),
                returns: try CourierReturns(spoolFolder: spool.folder), files: carried,
                got: { key in (try? received.find { $0.key == key })?.digest }, now: { .now }),
            handler: MessageHandler(
                terminal: terminal, command: exec, folder: out, received: received,
                answerable: AnswerableMessages(folder: session.profile.answerable), attachments: files))
        try await reader.read(file) { item in try await importing.take(item) }
        try terminal.answer(importing.json(head), importing.text(head, terminal.language))
        return importing.isClean ? 0 : 1
    }
}

/// One import of an agency, counted.
private struct AgencyImport {
    let terminal: Terminal
    var receiver: CourierReceiver
    let handler: MessageHandler
    private var messages = 0
    private var repeated = 0
    private var rungs = 0
    private var known = 0
    private var accepted = 0
    private var refused: [ReceiptStatement] = []
    private var refusedCount = 0
    private var troubled = 0
    private var passedOver = 0
    private var attachments = 0
    private var knownAttachments = 0

    /// Seconds that a command may take for one message.
    private static let handlingSeconds = 300

    init(terminal: Terminal, receiver: CourierReceiver, handler: MessageHandler) {
        (self.terminal, self.receiver, self.handler) = (terminal, receiver, handler)
    }

    var isClean: Bool { troubled == 0 && refusedCount == 0 }

    mutating func take(_ item: BundleItem) async throws {
        let handler = handler
        let deadline = ContinuousClock.now + .seconds(Self.handlingSeconds)
        switch try await receiver.receive(
            item,
            { news, delivery in
                try await handler.handle(news, of: delivery, until: deadline)
            })
        {
        case .message: messages += 1
        case .repeatedMessage: repeated += 1
        case .rung: rungs += 1
        case .knownReceipt: known += 1
        case .accepted(let statement):
            accepted += 1
            let id = statement.id.map(\.description) ?? "?"
            terminal.note(LocalizedText("The broker has accepted \(id).", "Simpul telah menerima \(id)."))
        case .refused(let statement): note(statement)
        case .unhandled: troubled += 1
        case .distrusted(let id, let distrust):
            troubled += 1
            let id = id.map(\.description) ?? "?"
            terminal.note(
                LocalizedText(
                    "Message \(id) is not believed: \(distrust.detail.english)",
                    "Pesan \(id) tidak dipercaya: \(distrust.detail.indonesian)"))
        case .courierKey, .attachment(.part): break
        case .attachment(.whole): attachments += 1
        case .attachment(.known): knownAttachments += 1
        case .attachment(.damaged):
            troubled += 1
            terminal.note(
                LocalizedText(
                    "An attachment of the bundle has not the digest that the bundle says; it was not kept.",
                    "Satu lampiran dalam bundel tidak sesuai sidik digitalnya; tidak disimpan."))
        case .passedOver: passedOver += 1
        }
    }

    private mutating func note(_ statement: ReceiptStatement) {
        refusedCount += 1
        if refused.count < Limits().violations { refused.append(statement) }
        let (id, code) = (statement.id.map(\.description) ?? "?", statement.refusal?.code)
        terminal.note(
            LocalizedText(
                "The broker has REFUSED \(id): \(code?.rawValue ?? "?") (\(code?.title.english ?? "?")). It has left the spool.",
                "Simpul MENOLAK \(id): \(code?.rawValue ?? "?") (\(code?.title.indonesian ?? "?")). Pesan sudah keluar dari antrean kirim."
            ))
    }

    func json(_ head: BundleHead) -> JSON {
        [
            "bundle": .string(head.id.description), "from": .string(head.from.description),
            "at": .string(head.at.description),
            "messages": ["new": .integer(messages), "repeated": .integer(repeated), "troubled": .integer(troubled)],
            "attachments": ["new": .integer(attachments), "known": .integer(knownAttachments)],
            "receipts": ["new": .integer(rungs), "known": .integer(known)],
            "sent": ["accepted": .integer(accepted), "refused": .integer(refusedCount)],
            "refusals": .array(
                refused.map { statement in
                    .object([
                        "id": statement.id.map { .string($0.description) },
                        "code": statement.refusal.map { .string($0.code.rawValue) },
                        "stage": statement.refusal.map { .string($0.stage.rawValue) },
                    ])
                }),
            "passedOver": .integer(passedOver),
        ]
    }

    func text(_ head: BundleHead, _ language: Language) -> String {
        LocalizedText(
            "bundle of \(head.from), \(head.at): \(messages) new messages, \(repeated) that were here, \(attachments) new attachments, \(rungs) new receipts, \(accepted) of ours accepted, \(refusedCount) refused, \(troubled) not believed or not handled",
            "bundel dari \(head.from), \(head.at): \(messages) pesan baru, \(repeated) sudah ada, \(attachments) lampiran baru, \(rungs) tanda terima baru, \(accepted) kiriman kita diterima, \(refusedCount) ditolak, \(troubled) tidak dipercaya atau tidak ditangani"
        )[language]
    }
}

/// What the broker says of an import.
private struct HubImport {
    let report: JSONValue

    init(_ report: JSONValue) { self.report = report }

    var agency: AgencyID? { report["from"]?.string.flatMap(AgencyID.init) }

    private func count(_ outer: String, _ inner: String) -> Int { report[outer]?[inner]?.int ?? 0 }

    var isClean: Bool {
        count("messages", "refused") + count("messages", "left") + count("receipts", "refused") == 0
            && count("attachments", "refused") + count("attachments", "left") == 0
    }

    func text(_ language: Language) -> String {
        let refusals = (report["refusals"].map { Array($0.elements) } ?? []).map { refusal in
            "  \(refusal["id"]?.string ?? "?"): \(refusal["code"]?.string ?? "?") (\(refusal["title"]?.string ?? "?"))"
        }
        let (from, at) = (report["from"]?.string ?? "?", report["at"]?.string ?? "?")
        let accepted = count("messages", "accepted")
        let repeated = count("messages", "repeated")
        let refused = count("messages", "refused")
        let (recorded, known) = (count("receipts", "recorded"), count("receipts", "known"))
        let first = LocalizedText(
            "bundle of \(from), \(at): \(accepted) new messages, \(repeated) that were here, \(refused) refused; \(count("attachments", "taken")) new attachments; \(recorded) new receipts, \(known) that were here, \(count("receipts", "refused")) refused; \(report["confirmed"]?.int ?? 0) confirmed",
            "bundel dari \(from), \(at): \(accepted) pesan baru, \(repeated) sudah ada, \(refused) ditolak; \(count("attachments", "taken")) lampiran baru; \(recorded) tanda terima baru, \(known) sudah ada, \(count("receipts", "refused")) ditolak; \(report["confirmed"]?.int ?? 0) dikonfirmasi"
        )[language]
        let left = count("messages", "left")
        let more =
            left == 0
            ? []
            : [
                LocalizedText(
                    "\(left) messages were left because of a quota, or build on one that was; they stay with their agency and come with its next bundle, or with this one again.",
                    "\(left) pesan tertunda karena kuota, atau melanjutkan pesan yang tertunda; tetap di instansinya dan datang dengan bundel berikutnya, atau dengan bundel ini lagi."
                )[language]
            ]
        return ([first] + refusals + more).joined(separator: "\n")
    }
}
