import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import StrictJSON

/// `simpul explain`: what a broker would do with a message, question by question, and why.
struct Explain: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say step by step what a broker would do with a message, and why.",
        discussion: """
            Takes a draft {"header":…,"body":…}, completed as `simpul send` completes it, or a signed envelope, and asks \
            it every question that the broker asks, by the broker's own roster, policy and store. Nothing is sent or \
            stored. Drafts are signed with a key of the moment: the agency's own keys are not needed.

            Exit code 0 where it would be accepted, 1 where it would be refused, 2 where it cannot be told.

            Example:
              simpul explain referral.json --as id-1709.uptd-ppa --config hub/simpuld.yaml
            """)

    @OptionGroup var output: OutputOption

    @Argument(help: "The draft or the envelope; - is the standard input.")
    var file: String

    @Option(
        name: .customLong("as"), help: ArgumentHelp("The agency that would send it.", valueName: "agency"))
    var agency: String

    @Option(help: ArgumentHelp("The broker's simpuld.yaml.", valueName: "file"))
    var config = "simpuld.yaml"

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let now = Timestamp.now
        let hub = try HubFiles.load(config, now: now)
        guard let id = AgencyID(agency), hub.rules.roster.agencies[id] != nil else { throw ClientError.notListed }
        let bytes = try DraftSource(file: file, limit: hub.limits.documentBytes).bytes
        let isDraft = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{")
        let catalogue = try SchemaCatalogue.embedded()
        let rehearsal: Rehearsal
        do {
            rehearsal = try Rehearsal(of: hub, as: id, keepsSigners: !isDraft, catalogue: catalogue, now: now)
        } catch {
            throw ClientError(.unable, "keys", LocalizedText("\(error)", "\(error)"))
        }
        let history = try HubFiles.history(of: hub)
        var explanation = Explanation(at: now, from: id)
        do {
            let envelope = isDraft ? try draft(bytes, hub, id, catalogue, rehearsal, &explanation) : bytes
            explanation.accepted(try await rehearsal.approve(envelope, history: history), rehearsal)
        } catch let refusal as Refusal {
            // A draft is sealed anew here, so its digest says nothing about what was sent.
            explanation.refused(isDraft && refusal.code == .idConflict ? .idTaken : refusal)
        } catch let error as StoreError {
            throw ClientError(.unable, "store", LocalizedText(error.cause, error.cause))
        }
        try terminal.answer(explanation.json(terminal), explanation.text(terminal))
        return explanation.refusal == nil ? 0 : 1
    }

    /// The envelope that `simpul send` would make of a draft, and what the policy says to its header in any case.
    private func draft(
        _ bytes: [UInt8], _ hub: HubConfiguration, _ agency: AgencyID, _ catalogue: SchemaCatalogue,
        _ rehearsal: Rehearsal, _ explanation: inout Explanation
    ) throws -> [UInt8] {
        let composer = Composer(
            agency: agency, hub: hub.hub, catalogue: catalogue, limits: hub.limits,
            now: { [now = explanation.at] in now })
        let draft: Draft
        do {
            draft = try composer.draft(GivenDocument(parsing: bytes, limits: hub.limits)) { agency in
                hub.rules.roster.party(agency, of: hub.hub)?.roles
            }
        } catch {
            guard let code = ErrorCode(rawValue: error.code) else { throw error }
            throw Refusal(code, at: .validate, error.detail, faults: error.faults)
        }
        explanation.judge(draft.header, by: rehearsal.rules)
        // The key of the moment stands for the agency's own, so that one must be there.
        guard hub.rules.roster.hasSigner(agency, at: explanation.at) else {
            throw Refusal(
                .signerUnknown, at: .verify,
                LocalizedText(
                    "The agency has no sign certificate that is valid now.",
                    "Instansi tidak memiliki sertifikat sign yang berlaku saat ini."))
        }
        let sealing = rehearsal.sealing(for: draft.parties)
        if draft.mustBeSealed { try explanation.seal(for: draft.parties, sealing) }
        return try draft.envelope(
            signedBy: rehearsal.signing, sealedTo: sealing.map(\.certificate), limits: hub.limits
        ).bytes
    }
}

/// The broker's files, as its operator's commands read them.
enum HubFiles {
    static func load(_ path: String, now: Timestamp) throws(ClientError) -> HubConfiguration {
        do {
            return try HubConfiguration.load(path, now: now)
        } catch {
            throw ClientError(.unable, "config", LocalizedText(error.description, error.description))
        }
    }

    /// One policy file.
    static func policy(_ path: String) throws(ClientError) -> Policy {
        do {
            return try Policy.load(path)
        } catch {
            throw ClientError(.unable, "policy", LocalizedText(error.description, error.description))
        }
    }

    /// What the broker has accepted so far; nothing where it has never run.
    static func history(of hub: HubConfiguration) throws(ClientError) -> any MessageHistory {
        guard FileAccess.exists(hub.database) else { return NoHistory() }
        do {
            return try StoreReader(path: hub.database, limits: hub.limits)
        } catch {
            throw ClientError(.unable, "store", LocalizedText(error.cause, error.cause))
        }
    }
}

/// The history of a broker that has never run.
private struct NoHistory: MessageHistory {
    func acceptance(of key: MessageKey) async throws(StoreError) -> StoredAcceptance? { nil }
    func relations(of header: Header) async throws(StoreError) -> Relations { .none }
    func grants(
        under reference: ConsentReference, status: Header.Status, for agency: AgencyID
    ) async throws(StoreError) -> KnownGrants { .none }
    func missingAttachments(of header: Header) async throws(StoreError) -> [Int] { Array(header.attachments.indices) }
}

extension Refusal {
    fileprivate static let idTaken = Refusal(
        .idConflict, at: .store,
        LocalizedText(
            "A message with this id was accepted before. The same file again gets its first receipt; another content needs a new id.",
            "Pesan dengan ID ini sudah diterima. Berkas yang sama akan mendapat tanda terima pertamanya; isi lain memerlukan ID baru."
        ))
}

extension ClientError {
    fileprivate static let notListed = ClientError(
        .unable, "agency",
        LocalizedText("The roster has no agency of this id.", "Tidak ada instansi dengan ID ini dalam daftar."))
}
