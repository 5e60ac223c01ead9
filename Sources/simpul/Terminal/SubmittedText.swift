import SimpulClient
import SimpulCore
import StrictJSON

/// What became of a message that was sent.
extension Submitter.Submitted {
    var json: JSON {
        [
            "id": .string(id.description), "state": "accepted", "repeated": .bool(isRepeated),
            "digest": .string(digest.description),
            "at": .string(statement.at.description), "seq": .integer(Int(statement.sequence ?? 0)),
            "recipients": .array(statement.recipients.json),
            "senderDue": .object(statement.senderDue.members),
            "receipt": .string(receipt.text),
        ]
    }

    func text(_ language: Language) -> String {
        let recipients = statement.recipients.map(\.agency.description).joined(separator: ", ")
        let at = statement.at
        let first = LocalizedText(
            "accepted \(id) at \(at) for \(recipients)",
            "diterima \(id) pada \(at) untuk \(recipients)")
        let repeated = LocalizedText(
            "accepted before: \(id) at \(at) for \(recipients)",
            "sudah diterima: \(id) pada \(at) untuk \(recipients)")
        return (isRepeated ? repeated : first)[language]
    }
}

extension Session {
    /// What sends documents of this profile's agency.
    func sender(_ hub: HubConnection, _ spool: Spool, _ uploads: EnclosedUploads? = nil) -> Sender {
        let composer = Composer(
            agency: profile.agency, hub: profile.hub, catalogue: catalogue, now: { .now })
        return Sender(
            hub: hub, composer: composer, identity: keys.signing, known: known, spool: spool,
            submitter: submitter(hub, spool, uploads), clock: clock)
    }

    /// What brings envelopes of this profile's agency to the broker.
    func submitter(_ hub: HubConnection, _ spool: Spool, _ uploads: EnclosedUploads? = nil) -> Submitter {
        Submitter(hub: hub, spool: spool, agency: profile.agency, check: check, clock: clock, uploads: uploads)
    }
}

extension ClientProfile {
    /// Where what answers need of received referrals is kept.
    var answerable: String { spool + "/answerable" }
}
