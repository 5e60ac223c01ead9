import ArgumentParser
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// `simpul ack`: settles a delivery that was received before, or tells by a signed receipt that an officer has opened
/// its message.
struct Acknowledge: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Acknowledge a delivery by its token, or sign that a message was opened.",
        discussion: """
            The token is the one that simpul receive has shown. It is good while its lease lasts; after that the \
            delivery comes again with another token. With --opened an officer has read the message: the receipt is \
            signed with the profile's key, and the message may also be named as SENDER/ID, at any time later.

            Example:
              simpul ack q0uB5kYtYdM3xJ8mO1vWqA
              simpul ack --opened --by PPA-DUTY id-1709.imigrasi/019cb7bb-7c10-7b5a-8a5e-f372fe94f82a
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Flag(help: "Sign that an officer has opened the message: it meets the clock ackBy.")
    var opened = false

    @Flag(help: "Sign the acknowledgement, instead of leaving it to the broker's word.")
    var signed = false

    @Flag(help: "Keep the signed receipt for the next courier bundle instead of sending it: there is no line.")
    var courier = false

    @Option(help: ArgumentHelp("The role of who opened it; never a name.", valueName: "role"))
    var by = "OFFICER"

    @Argument(help: ArgumentHelp("The delivery's token, or the message as SENDER/ID.", valueName: "delivery"))
    var reference: String

    func validate() throws {
        guard Delivery.isToken(reference) || key != nil else {
            throw ValidationError("A token has 22 letters of base64url; a message is named SENDER/ID.")
        }
        guard Delivery.isToken(reference) || rung != nil else {
            throw ValidationError("A message is acknowledged by a signed receipt: add --opened or --signed.")
        }
        guard !courier || key != nil else { throw ValidationError("--courier takes a message as SENDER/ID.") }
        guard !(opened && signed) else { throw ValidationError("--opened is signed anyway; leave --signed out.") }
        let isRole = by.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
        }
        guard isRole, by.first?.isLetter == true, by.utf8.count <= 32 else {
            throw ValidationError("--by takes a role of up to 32 letters, digits and hyphens.")
        }
    }

    private var key: MessageKey? {
        let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let sender = AgencyID(parts[0]), let id = MessageID(parts[1]) else { return nil }
        return MessageKey(sender: sender, id: id)
    }

    private var rung: Rung? { opened ? .opened : signed ? .acknowledged : nil }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        guard let rung else {
            try await session.withHub { hub in try await hub.acknowledge(reference, receipt: nil) }
            try terminal.answer(["delivery": .string(reference), "state": "acknowledged"], "acknowledged")
            return 0
        }
        let entry = try received(by: session)
        let receipt = try await sign(rung, of: entry, session)
        try terminal.answer(
            [
                "sender": .string(entry.key.sender.description), "id": .string(entry.key.id.description),
                "state": .string(rung.rawValue), "receipt": .string(receipt.text),
            ], "\(rung.rawValue) \(entry.key.id)")
        return 0
    }

    /// Signs, and sends or keeps what was signed.
    private func sign(
        _ rung: Rung, of entry: ReceivedMessages.Entry, _ session: Session
    ) async throws -> Receipt {
        guard !courier else {
            let returns = try CourierReturns(spoolFolder: session.profile.spool)
            return try returns.keep(rung, of: entry.key) { () throws(ClientError) in
                try signed(rung, of: entry, session)
            }.receipt
        }
        let receipt = try signed(rung, of: entry, session)
        try await session.withHub { hub in
            guard key == nil else { return try await hub.record(receipt, of: entry.key) }
            try await hub.acknowledge(reference, receipt: receipt)
        }
        return receipt
    }

    /// Only what this profile has verified is signed for.
    private func received(by session: Session) throws(ClientError) -> ReceivedMessages.Entry {
        let journal = ReceivedMessages(file: session.profile.spool + "/received")
        let entry = try journal.find { entry in key.map { entry.key == $0 } ?? (entry.token == reference) }
        guard let entry else {
            throw ClientError(
                .refused, "not-received",
                LocalizedText(
                    "This profile has received and verified no such message; receive it first.",
                    "Profil ini belum menerima dan memeriksa pesan itu; terima dahulu dengan simpul receive."))
        }
        return entry
    }

    private func signed(
        _ rung: Rung, of entry: ReceivedMessages.Entry, _ session: Session
    ) throws(ClientError) -> Receipt {
        try session.keys.signing.courierReceipt(
            rung, of: entry.key, digest: entry.digest, broker: session.profile.hub, by: rung == .opened ? by : nil,
            at: .now)
    }
}
