import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul courier export`: what waits for the other side, in one file.
struct CourierExportCommand: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a bundle of what waits for an agency; or, as an agency, for the broker.",
        discussion: """
            Nothing is settled by it: what is in the bundle goes on waiting for the line, and goes into the next bundle \
            too, until a receipt or a confirmation comes back.

            Example:
              simpul courier export --for id-1709.polres.ppa /media/stick/to-police
              simpul courier export --for id-1709.simpul /media/stick/from-police
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var courier: CourierOption
    @OptionGroup var output: OutputOption

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Whom the bundle is for: an agency, or as an agency the broker.", valueName: "id"),
        transform: { text in
            guard let id = AgencyID(text) else { throw ValidationError("--for takes an id such as id-1709.imigrasi.") }
            return id
        })
    var recipient: AgencyID

    @Flag(help: "Replace a file of that name.")
    var force = false

    @Argument(help: "The file to write.")
    var file: String

    func perform(_ terminal: Terminal) async throws -> Int32 {
        switch try courier.side(profile) {
        case .hub(let socket):
            try await CourierOutput(recipient: recipient, file: file, force: force).writeAsHub(socket, terminal)
        case .agency: return try exportAsAgency(terminal)
        }
        return 0
    }

    /// - Returns: the exit code: 1 where a message was left because its files are damaged.
    private func exportAsAgency(_ terminal: Terminal) throws -> Int32 {
        let session = try Session(profile, terminal)
        guard recipient == session.profile.hub else {
            throw ClientError(
                .unable, "bundle-recipient",
                LocalizedText(
                    "The profile is \(session.profile.agency)'s, whose bundles are for \(session.profile.hub) only. To speak as the broker, give --socket or --config.",
                    "Profil ini milik \(session.profile.agency), yang bundelnya hanya untuk \(session.profile.hub). Untuk bertindak sebagai simpul, beri --socket atau --config."
                ))
        }
        let spool = try Spool(folder: session.profile.spool)
        let moment = Timestamp.now
        var limits = Limits()
        limits.bundleBytes = min(limits.bundleBytes, FileAccess.room(for: file) ?? .max)
        let writer = try CourierWriter(
            identity: session.keys.signing, hub: session.profile.hub, known: session.known, spool: spool,
            returns: try CourierReturns(spoolFolder: spool.folder), at: moment, limits: limits)
        let bundle = try PartialFile(file, replacing: force)
        let exported = try writer.write(to: bundle, at: moment)
        if exported.isCut { terminal.note(.bundleCut) }
        for id in exported.damaged {
            terminal.note(
                LocalizedText(
                    "The encrypted files of message \(id) in the spool are damaged; it was left out. Send the document and its files again under a new id.",
                    "Berkas terenkripsi pesan \(id) di antrean kirim rusak; pesan itu tidak disertakan. Kirim lagi dokumen dan berkasnya dengan ID baru."
                ))
        }
        try terminal.answer(
            [
                "file": .string(file), "bundle": .string(exported.head.id.description),
                "for": .string(recipient.description), "messages": .integer(exported.envelopes),
                "attachments": .integer(exported.attachments), "receipts": .integer(exported.receipts),
                "confirmations": .integer(exported.confirmations),
                "cut": .bool(exported.isCut),
            ],
            LocalizedText(
                "\(file) for \(recipient): \(exported.envelopes) messages, \(exported.attachments) attachments, \(exported.receipts) receipts, \(exported.confirmations) confirmations",
                "\(file) untuk \(recipient): \(exported.envelopes) pesan, \(exported.attachments) lampiran, \(exported.receipts) tanda terima, \(exported.confirmations) konfirmasi"
            )[terminal.language])
        return exported.damaged.isEmpty ? 0 : 1
    }
}

/// A bundle that the broker on this machine writes.
struct CourierOutput {
    let recipient: AgencyID
    let file: String
    let force: Bool

    func writeAsHub(_ socket: String, _ terminal: Terminal) async throws {
        let bundle = try PartialFile(file, replacing: force)
        let exported = try await StatusSocket.export(
            for: recipient, at: socket, to: bundle, octets: FileAccess.room(for: file), language: terminal.language)
        func count(_ name: String) -> Int { exported[name]?.int ?? 0 }
        if exported["cut"]?.bool == true { terminal.note(.bundleCut) }
        try terminal.answer(
            [
                "file": .string(file), "for": .string(recipient.description), "messages": .integer(count("messages")),
                "attachments": .integer(count("attachments")), "rungs": .integer(count("rungs")),
                "answers": .integer(count("answers")),
                "cut": .bool(exported["cut"]?.bool == true),
            ],
            LocalizedText(
                "\(file) for \(recipient): \(count("messages")) messages, \(count("attachments")) attachments, \(count("rungs")) rungs, \(count("answers")) answers",
                "\(file) untuk \(recipient): \(count("messages")) pesan, \(count("attachments")) lampiran, \(count("rungs")) anak tangga, \(count("answers")) jawaban"
            )[terminal.language])
    }
}

extension LocalizedText {
    static let bundleCut = LocalizedText(
        "More waits than this bundle has room for; export again once it has come back. A message with attachments goes whole or not at all: one that is never taken needs a medium with more room.",
        "Yang menunggu lebih banyak daripada muatan bundel ini; ekspor lagi setelah bundel kembali. Pesan berlampiran ikut utuh atau tidak sama sekali: bila tak pernah ikut, pakai media yang lebih lapang."
    )
}
