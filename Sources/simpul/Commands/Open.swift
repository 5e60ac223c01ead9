import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul open`: an envelope from a file becomes a document that can be believed.
struct Open: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify and open an envelope, and print its document as JSON.",
        discussion: """
            Works offline with the keys of the profile and its known folder. With the broker's accepted receipt the \
            signer's certificate has to be in date at the moment of acceptance, without one now.

            Example:
              simpul open envelope.jose
              simpul open --receipt accepted.receipt - < envelope.jose
              simpul open envelope.jose > message.json, and then: simpul attachment get --out files message.json
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The envelope; - is the standard input.")
    var file: String

    @Option(help: ArgumentHelp("The broker's accepted receipt of the envelope.", valueName: "file"))
    var receipt: String?

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        let envelope = try FileAccess.read(file, limit: Limits().envelopeBytes + 2)
        let receipt = try receipt.map { file in
            Receipt(token: try FileAccess.read(file, limit: 64 * 1024).filter { $0 != 0x0A && $0 != 0x0D })
        }
        let message = try session.incoming.open(envelope, receipt: receipt, known: session.known, now: .now)
        if let safe = message.safeContact { terminal.note(safe.warning) }
        terminal.warn(of: message)
        try terminal.answer(message.document, Pretty.json(message.document))
        return 0
    }
}

extension Terminal {
    /// Tells a person that a verified message breaks its schema or a rule of protection.
    func warn(of message: OpenedMessage) {
        guard !message.faults.isEmpty else { return }
        note(
            LocalizedText(
                "Message \(message.header.id) is verified, but breaks its schema or a rule of protection; read it with care:",
                "Pesan \(message.header.id) terverifikasi, tetapi melanggar skema atau aturan pelindungan; baca dengan hati-hati:"
            ))
        for fault in message.faults { note(LocalizedText(line(fault), line(fault))) }
    }
}
