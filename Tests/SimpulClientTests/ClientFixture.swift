import Foundation
import JOSE
import NIOConcurrencyHelpers
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON

@testable import SimpulClient

/// The test network as a client of it sees it: immigration sends, the police receive.
struct ClientFixture {
    let network: TestNetwork
    private let temporary: TemporaryFolder
    var folder: String { temporary.path }

    init() throws {
        network = try TestNetwork.shared.get()
        temporary = try TemporaryFolder()
    }

    var now: Timestamp { network.now }
    var trust: TrustStore { TrustStore(anchors: [network.authority.anchor], revocationLists: [], generation: 0) }

    /// Everybody's sign certificates and the broker's.
    var known: KnownKeys { known([network.immigration, network.police, network.protection, network.shelter]) }

    func known(_ agencies: [TestAgency]) -> KnownKeys {
        let signers = agencies.map { KnownKeys.Signer(agency: $0.id, certificate: $0.signing.certificate) }
        return KnownKeys(
            signers + [KnownKeys.Signer(agency: network.broker.agency, certificate: network.broker.certificate)],
            trust: trust)
    }

    func listed(
        _ agency: TestAgency, _ change: (inout Endorsement) -> Void = { _ in }, by signer: TestAgency? = nil
    ) throws -> DirectoryListing.Listed {
        var endorsement = Endorsement(
            agency: agency.id, use: .seal, thumbprint: agency.seal.thumbprint, from: now.advanced(bySeconds: -60),
            until: now.advanced(bySeconds: 3600))
        change(&endorsement)
        return DirectoryListing.Listed(
            use: "seal", certificate: agency.seal,
            endorsement: try (signer ?? agency).signing.endorsement(endorsement))
    }

    func directory() throws -> DirectoryListing {
        DirectoryListing(
            agencies: Dictionary(
                uniqueKeysWithValues: try network.agencies.map { ($0.id, [try listed($0)]) }))
    }

    var composer: Composer {
        let now = now
        return Composer(
            agency: network.immigration.id, hub: network.broker.agency, catalogue: network.catalogue, now: { now })
    }

    func incoming(_ agency: TestAgency) throws -> Incoming {
        let key = try require(AgencyKeys.SealingKey(certificate: agency.seal, key: agency.sealKey))
        return Incoming(
            agency: agency.id, hub: network.broker.agency, sealing: [key], catalogue: network.catalogue)
    }

    var check: ReceiptCheck {
        ReceiptCheck(hub: network.broker.agency, known: known, catalogue: network.catalogue)
    }

    /// A document as a person writes it: no id, times, sender or class.
    func alert(_ change: (inout JSON, inout JSON) -> Void = { _, _ in }) -> GivenDocument {
        var message = TestMessage(from: network.immigration, to: [network.police], at: now)
        message.becomeSealedAlert(for: [network.police])
        return document(message, change)
    }

    func report(_ change: (inout JSON, inout JSON) -> Void = { _, _ in }) -> GivenDocument {
        document(TestMessage(from: network.immigration, to: [network.police], at: now), change)
    }

    private func document(_ message: TestMessage, _ change: (inout JSON, inout JSON) -> Void) -> GivenDocument {
        var (header, body) = (message.header, message.body)
        for name in ["id", "schema", "hub", "sender", "sent", "expires", "privacy"] { header[name] = nil }
        change(&header, &body)
        let bytes = JSON.object([.init("header", header), .init("body", body)]).bytes
        guard let document = try? GivenDocument(parsing: bytes) else { preconditionFailure("a test's own document") }
        return document
    }

    /// The broker's receipt of an envelope.
    func accepted(_ envelope: [UInt8], at moment: Timestamp? = nil, by issuer: SigningIdentity? = nil) throws -> Receipt
    {
        let signed = try SignedEnvelope(parsing: envelope, limits: Limits())
        let document = try EnvelopeDocument(parsing: signed.inflatedPayload(limit: 1 << 20), limits: Limits())
        let header = try require(Header(document.header))
        return try (issuer ?? network.broker).receipt(
            ReceiptStatement(
                .accepted, broker: network.broker.agency, sender: header.sender, id: header.id, digest: signed.digest,
                at: moment ?? now, sequence: 7,
                recipients: header.recipients.map { .init(agency: $0, due: DueTimes()) }))
    }

    /// The broker's refusal of an envelope.
    func refused(_ envelope: [UInt8], sender: AgencyID? = nil, by issuer: SigningIdentity? = nil) throws -> Receipt {
        let signed = try SignedEnvelope(parsing: envelope, limits: Limits())
        return try (issuer ?? network.broker).receipt(
            ReceiptStatement(
                .refused, broker: network.broker.agency, sender: sender ?? network.immigration.id, id: nil,
                digest: signed.digest, at: now, refusal: .init(code: .policyDenied, stage: .authorize)))
    }

    /// A clock that stands still but for the sleeping.
    func clock() -> (RetryClock, NIOLockedValueBox<[Int64]>) {
        let sleeps = NIOLockedValueBox<[Int64]>([])
        let start = now
        let clock = RetryClock(
            now: { Timestamp(milliseconds: start.milliseconds + sleeps.withLockedValue { $0.reduce(0, +) }) },
            sleep: { milliseconds in sleeps.withLockedValue { $0.append(milliseconds) } }, chance: { 1 })
        return (clock, sleeps)
    }

    func sender(_ hub: ScriptedHub, known: KnownKeys? = nil) throws -> (Sender, Spool, NIOLockedValueBox<[Int64]>) {
        let (clock, sleeps) = clock()
        let spool = try Spool(folder: folder + "/spool")
        let submitter = Submitter(
            hub: hub, spool: spool, agency: network.immigration.id, check: check, clock: clock)
        let sender = Sender(
            hub: hub, composer: composer, identity: network.immigration.signing, known: known ?? self.known,
            spool: spool, submitter: submitter, clock: clock)
        return (sender, spool, sleeps)
    }

    func later(_ seconds: Int64) -> Timestamp { now.advanced(bySeconds: seconds) }
}

/// A broker that answers as a test tells it to, and remembers what it was asked.
final class ScriptedHub: Hub {
    private let state: NIOLockedValueBox<State>
    private let listing: DirectoryListing?
    private let answer: @Sendable (Int, [UInt8]) throws(HubError) -> SubmitOutcome

    private struct State {
        var submitted: [[UInt8]] = []
        var acknowledged: [String] = []
    }

    var submitted: [[UInt8]] { state.withLockedValue { $0.submitted } }
    var acknowledged: [String] { state.withLockedValue { $0.acknowledged } }

    init(
        directory: DirectoryListing? = nil,
        answer: @escaping @Sendable (Int, [UInt8]) throws(HubError) -> SubmitOutcome = { _, _ throws(HubError) in
            throw .unreachable("no answer in this test")
        }
    ) {
        state = NIOLockedValueBox(State())
        listing = directory
        self.answer = answer
    }

    func submit(_ envelope: [UInt8], seconds: Int) async throws(HubError) -> SubmitOutcome {
        let count = state.withLockedValue { state in
            state.submitted.append(envelope)
            return state.submitted.count
        }
        return try answer(count, envelope)
    }

    func lease(_ request: InboxRequest) async throws(HubError) -> InboxAnswer { InboxAnswer() }

    func stream(_ request: InboxRequest, _ take: (InboxAnswer) async throws -> Void) async throws {}

    func giveBack(_ token: String, seconds: Int) async throws(HubError) {}

    func acknowledge(_ token: String, receipt: Receipt?) async throws(HubError) {
        state.withLockedValue { $0.acknowledged.append(token) }
    }

    func directory() async throws(HubError) -> DirectoryListing {
        guard let listing else { throw .unreachable("no directory in this test") }
        return listing
    }
}

/// A folder that is gone when its test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let name = SHA256.hash(SecureRandom.bytes(16)).hex.prefix(16)
        path = FileManager.default.temporaryDirectory.path + "/simpul-client-tests-\(name)"
        try FileAccess.makeDirectory(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
