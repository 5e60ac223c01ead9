import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul receive`: fetches, verifies, opens, hands over, and acknowledges what was handled.
struct Receive: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receive messages: verified, opened, printed or handed to a command.",
        discussion: """
            Without --ack or --exec, messages are shown with their delivery token and come again when the lease is \
            over. A message that cannot be verified is handed to nobody and never acknowledged; exit code 1 tells so.

            With --exec the command gets the opened document on its standard input and SIMPUL_ID, SIMPUL_SENDER and \
            SIMPUL_TYPE in its environment; exit code 0 acknowledges. Messages are fetched one by one, and the command and all that it \
            started is ended shortly before the lease is over.

            With --attachments the files of each message are fetched, verified and decrypted to that folder before it is \
            acknowledged, as simpul attachment get does; a file that fails or takes longer than the lease leaves the \
            message unacknowledged, and the next time goes on there. --exec gets the folder in SIMPUL_ATTACHMENTS.

            Where a message that this agency has got was taken back, because the person has withdrawn the consent or it \
            was ended, that is printed with the message's id, its sender and the time by which to answer. The command \
            of --exec gets messages only, so watch for it.

            With --follow, messages that are acknowledged come over one connection that stays open (a stream), else \
            call by call (long polls), as from brokers that have no stream.

            An end by SIGINT or SIGTERM is the regular one of --follow: exit code 0. What a command was handling then \
            comes again.

            Example:
              simpul receive --wait 30 --ack
              simpul receive --follow --exec ./import-into-case-system
              simpul receive --ack --lease 300 --attachments files
              simpul receive --follow --json --type alert
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Flag(help: "Go on receiving until the process is ended.")
    var follow = false

    @Flag(help: "With --follow, ask by long polls even where the broker offers a stream.")
    var poll = false

    @Flag(help: "Acknowledge each message once it is printed.")
    var ack = false

    @Option(
        help: ArgumentHelp("Run a shell command for each message; acknowledge where it succeeds.", valueName: "command")
    )
    var exec: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait where nothing is there, 0 to 60 (default: 0, with --follow 30).", valueName: "seconds"))
    var wait: Int?

    @Option(
        help: ArgumentHelp("The most messages of one run, or of one round of --follow, 1 to 100.", valueName: "number"))
    var max = 10

    @Option(
        help: ArgumentHelp(
            "How long messages are ours before they are given out again, 1 to 300.", valueName: "seconds"))
    var lease = 60

    @Option(help: ArgumentHelp("Only messages of this type.", valueName: "type"))
    var type: String?

    @Option(help: ArgumentHelp("Write each opened document to <id>.json in this folder.", valueName: "folder"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Fetch, verify and decrypt the attachments of each message to this folder before it is acknowledged.",
            valueName: "folder"))
    var attachments: String?

    func validate() throws {
        let limits = Limits()
        guard !(ack && exec != nil) else { throw ValidationError("--exec acknowledges by itself; leave --ack out.") }
        guard follow || !poll else { throw ValidationError("--poll goes with --follow.") }
        guard (0...limits.waitSeconds).contains(wait ?? 0) else { throw ValidationError("--wait takes 0 to 60.") }
        guard (1...limits.inboxBatch).contains(max) else { throw ValidationError("--max takes 1 to 100.") }
        guard (1...limits.leaseSeconds).contains(lease) else { throw ValidationError("--lease takes 1 to 300.") }
        guard type == nil || messageType != nil else {
            let known = MessageType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--type takes one of \(known).")
        }
    }

    private var messageType: MessageType? { type.flatMap(MessageType.init) }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        let spool = try Spool(folder: session.profile.spool)
        if let out { try FileAccess.makeDirectory(out) }
        let seen = try SeenMessages(file: session.profile.spool + "/seen")
        return try await Interruption.cancelling {
            try await session.withHub { hub in try await run(session, hub, spool, seen, terminal) }
        }
    }

    private func run(
        _ session: Session, _ hub: HubConnection, _ spool: Spool, _ seen: SeenMessages, _ terminal: Terminal
    ) async throws -> Int32 {
        let received = ReceivedMessages(file: session.profile.spool + "/received")
        let receiver = Receiver(
            hub: hub, incoming: session.incoming, known: session.known, seen: seen,
            check: { ReceiptCheck(hub: session.profile.hub, known: $0, catalogue: session.catalogue) },
            sent: { try? spool.digest(of: $0) },
            got: { key in (try? received.find { $0.key == key })?.digest }, now: { .now })
        let files = try attachments.map { folder throws(ClientError) in
            MessageAttachments(
                inbox: try AttachmentInbox(
                    hub: hub, spool: session.profile.spool, folder: folder, clock: session.clock,
                    patience: Int64(lease), progress: terminal.progress(isQuiet: false)),
                folder: folder, terminal: terminal)
        }
        var inbox = InboxRun(
            hub: hub, receiver: receiver, terminal: terminal, isAcknowledging: ack || exec != nil,
            handler: MessageHandler(
                terminal: terminal, command: exec, folder: out, received: received,
                answerable: AnswerableMessages(folder: session.profile.answerable), attachments: files))
        let request = InboxRequest(
            wait: wait ?? (follow ? 30 : 0), max: max, lease: lease, type: messageType)
        guard follow else { return try await inbox.once(request) }
        return try await inbox.follow(request, isStreaming: !poll, clock: session.clock)
    }
}

/// One run of `simpul receive`.
struct InboxRun {
    let hub: any Hub
    var receiver: Receiver
    let terminal: Terminal
    let isAcknowledging: Bool
    let handler: MessageHandler
    private(set) var code: Int32 = 0

    init(hub: any Hub, receiver: Receiver, terminal: Terminal, isAcknowledging: Bool, handler: MessageHandler) {
        self.hub = hub
        self.receiver = receiver
        self.terminal = terminal
        self.isAcknowledging = isAcknowledging
        self.handler = handler
    }

    /// What the request asks for, in one call of the inbox; for a command in as many calls as there are messages, so
    /// that the lease of none runs out while another is handled.
    /// - Returns: the exit code: 1 where something was not believed or not handled.
    mutating func once(_ request: InboxRequest) async throws -> Int32 {
        guard handler.command != nil else {
            _ = try await round(request)
            return code
        }
        var single = request
        single.max = 1
        for _ in 0..<request.max {
            guard try await round(single), !Task.isCancelled else { break }
            single.wait = 0
        }
        return code
    }

    /// One call of the inbox.
    /// - Returns: whether it gave anything.
    private mutating func round(_ request: InboxRequest) async throws -> Bool {
        try await take(try await hub.lease(request), lease: request.lease)
    }

    /// - Parameter leave: told of each delivery that is not settled.
    /// - Returns: whether there was anything.
    private mutating func take(
        _ answer: InboxAnswer, lease: Int, leave: (any Hub, Delivery) async -> Void = { _, _ in }
    ) async throws -> Bool {
        // The last tenth, at most two seconds, is for the acknowledgement.
        let deadline = ContinuousClock.now + .milliseconds(lease * 1000 - Swift.min(lease * 100, 2000))
        if answer.unreadable > 0 {
            code = Swift.max(code, 1)
            terminal.note(
                LocalizedText(
                    "\(answer.unreadable) deliveries have not the protocol's form; they are passed over.",
                    "\(answer.unreadable) kiriman tidak sesuai bentuk protokol dan dilewati."))
        }
        for delivery in answer.deliveries {
            if try await !take(delivery, until: deadline) { await leave(hub, delivery) }
        }
        return answer.unreadable > 0 || !answer.deliveries.isEmpty
    }

    /// Takes what comes until the task is cancelled: exit code 0, as everything was reported by then. A broker out of
    /// reach is waited for, with growing pauses; a refusal ends the run.
    ///
    /// A stream needs room: what is only shown would fill its window and hold up what comes after. So it is for what is
    /// acknowledged; everything else is asked for call by call, as is everything where the broker has no streams.
    mutating func follow(_ request: InboxRequest, isStreaming: Bool, clock: RetryClock) async throws -> Int32 {
        let terminal = terminal
        try await clock.following(
            isStreaming: isStreaming && isAcknowledging, note: { terminal.note(ClientError($0).detail) }
        ) { isStream in
            if isStream { return try await stream(request) }
            _ = try await once(request)
            return true
        }
        return 0
    }

    /// One stream, to its end. For a command one message is in flight at a time, so that the lease of none runs out while
    /// another is handled.
    /// - Returns: whether it gave anything.
    private mutating func stream(_ request: InboxRequest) async throws -> Bool {
        var window = request
        if handler.command != nil { window.max = 1 }
        var hasGiven = false
        try await hub.stream(window) { answer in
            hasGiven = true
            _ = try await take(answer, lease: request.lease) { hub, delivery in
                // It would keep its place in the window until its lease is over; so it waits as long without one.
                try? await hub.giveBack(delivery.token, seconds: request.lease)
            }
        }
        return hasGiven
    }

    /// - Returns: false where it was neither handled nor settled.
    private mutating func take(_ delivery: Delivery, until deadline: ContinuousClock.Instant) async throws -> Bool {
        let handler = handler
        let outcome = try await receiver.receive(delivery, acknowledging: isAcknowledging) { news in
            try await handler.handle(news, of: delivery, until: deadline)
        }
        switch outcome {
        case .acknowledged: break
        case .repeated:
            terminal.note(
                LocalizedText(
                    "Message \(delivery.id) came again; it was handled before and is acknowledged.",
                    "Pesan \(delivery.id) datang lagi; sudah ditangani dan kini diakui."))
        case .left:
            if isAcknowledging { code = Swift.max(code, 1) }
            return false
        case .distrusted(let distrust):
            code = Swift.max(code, 1)
            terminal.note(
                LocalizedText(
                    "Message \(delivery.id) is not believed and not acknowledged: \(distrust.detail.english)",
                    "Pesan \(delivery.id) tidak dipercaya dan tidak diakui: \(distrust.detail.indonesian)"))
            return false
        case .unsettled(let error):
            code = Swift.max(code, error.exitCode)
            terminal.note(error.detail)
        }
        return true
    }
}
