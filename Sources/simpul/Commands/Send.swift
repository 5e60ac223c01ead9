import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul send`: a document becomes a signed envelope, and comes back as a receipt.
struct Send: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a message and wait for the broker's receipt.",
        discussion: """
            Takes {"header":…,"body":…} with a clear body; a file whose name ends in .jsonc may have comments that \
            start with //. Fills in id, schema, hub, sender, sent, expires and privacy where they are absent, checks \
            the whole against its schema and the rules of protection, seals what must be sealed, signs, and keeps the \
            envelope in the spool before the first attempt. Sending the same file with the same id again gives the \
            same receipt. A file that is attached is encrypted with a key of its own, which only the sealed body tells; \
            it is uploaded before the message is sent, and an upload that was cut off goes on with the same command.

            Example:
              simpul send alert.json
              simpul new tip --output tip.jsonc, and once it is filled in: simpul send tip.jsonc
              simpul send --json - < referral.json
              simpul send --attach photo.jpg --media-type image/jpeg referral.json
              simpul send --spooled
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The document; - is the standard input.")
    var file: String?

    @Flag(
        name: [.customLong("spooled"), .customLong("retry")],
        help: "Send what is still in the spool instead of a file.")
    var isSpooled = false

    @Option(help: ArgumentHelp("How long to try, 1 to 86400.", valueName: "seconds"))
    var timeout = 60

    @OptionGroup var attachments: AttachOptions

    func validate() throws {
        guard !isSpooled || attachments.paths.isEmpty else { throw ValidationError("--attach goes with a file.") }
        try attachments.requireTypes()
        guard (file == nil) == isSpooled else { throw ValidationError("Give a file, or --spooled.") }
        guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        guard let file else { return try await send(nil, terminal) }
        let source = try DraftSource(file: file, limit: Limits().documentBytes)
        if let fault = source.jsonFault {
            let error = ClientError(
                .refused, fault.fault.keyword, ErrorCode.jsonInvalid.title.sentence, faults: [fault.fault])
            terminal.report(error, in: source)
            return error.exitCode
        }
        do {
            return try await send(source, terminal)
        } catch let error as ClientError where !error.faults.isEmpty {
            terminal.report(error, in: source)
            return error.exitCode
        }
    }

    private func send(_ source: DraftSource?, _ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        let spool = try Spool(folder: session.profile.spool)
        let deadline = Timestamp.now.advanced(bySeconds: Int64(timeout))
        let document = try source.map { try GivenDocument(parsing: $0.bytes) }
        let files = try attachments.sources()
        return try await session.withHub { hub in
            let uploads = EnclosedUploads(
                hub: hub, clock: session.clock, patience: Int64(timeout),
                progress: terminal.progress(isQuiet: attachments.isQuiet))
            let submitter = session.submitter(hub, spool, uploads)
            guard let document else { return try await sendSpooled(spool, submitter, until: deadline, terminal) }
            let outbox =
                files.isEmpty
                ? nil
                : try AttachmentOutbox(spool: session.profile.spool, clock: session.clock)
            let submitted = try await session.sender(hub, spool, uploads).send(
                document, attaching: files, through: outbox, until: deadline)
            try terminal.answer(submitted.json, submitted.text(terminal.language))
            await sendLeftovers(spool, submitter, until: deadline, terminal)
            return 0
        }
    }

    /// What an earlier run has left in the spool goes out with the next message, oldest first; the first failure ends
    /// it. The command's own result is not changed by it.
    private func sendLeftovers(
        _ spool: Spool, _ submitter: Submitter, until deadline: Timestamp, _ terminal: Terminal
    ) async {
        for id in (try? spool.waiting()) ?? [] {
            guard Timestamp.now < deadline else { return }
            guard let envelope = try? spool.waiting(id) else { continue }
            do {
                _ = try await submitter.submit(envelope, until: min(deadline, .now.advanced(bySeconds: 10)))
                terminal.note(LocalizedText("Sent from the spool: \(id).", "Terkirim dari antrean: \(id)."))
            } catch {
                terminal.note(error.detail)
                return
            }
        }
    }

    private func sendSpooled(
        _ spool: Spool, _ submitter: Submitter, until deadline: Timestamp, _ terminal: Terminal
    ) async throws -> Int32 {
        var results: [JSON] = []
        var lines: [String] = []
        var worst: Int32 = 0
        for id in try spool.waiting() {
            guard let envelope = try spool.waiting(id) else { continue }
            do {
                let submitted = try await submitter.submit(envelope, until: deadline)
                results.append(submitted.json)
                lines.append(submitted.text(terminal.language))
            } catch {
                results.append(["id": .string(id.description), "error": terminal.json(error)])
                lines.append("\(id): \(error.detail[terminal.language])")
                worst = max(worst, error.exitCode)
            }
        }
        if lines.isEmpty { lines = [LocalizedText("The spool is empty.", "Antrean kirim kosong.")[terminal.language]] }
        try terminal.answer(["messages": .array(results)], lines.joined(separator: "\n"))
        return worst
    }
}
