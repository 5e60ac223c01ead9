import Glibc
import JOSE
import SimpulClient
import SimpulCore
import SimpulEnvelope

/// A message that is ready to be sent.
struct SignedMessage: Sendable {
    let id: String
    let envelope: [UInt8]
}

/// Makes a load before it is needed, with what an agency's own software uses: a fresh id, the schema's check, a seal
/// for the recipients' certificates, an ES256 signature.
struct LoadMaker: Sendable {
    private let composer: Composer
    private let identity: SigningIdentity
    private let seals: [Certificate]
    private let kind: LoadKind
    private let filler: Int

    /// Finds out how much text makes an envelope of the asked size.
    init(_ kind: LoadKind, agencies: BenchAgencies) throws {
        let sender = try agencies.agency(kind.sender)
        composer = Composer(
            agency: sender.profile.agency, hub: sender.profile.hub, catalogue: try SchemaCatalogue(), now: Clock.now)
        identity = sender.keys.signing
        seals = try kind.receivers.flatMap { try agencies.agency($0).keys.sealing.map(\.certificate) }
        self.kind = kind
        var (best, nearest) = (0, Int.max)
        for filler in stride(from: 0, through: 3800, by: 64) {
            let size = try Self.message(kind, filler, composer, identity, seals).envelope.count
            if abs(size - kind.octets) < nearest { (best, nearest) = (filler, abs(size - kind.octets)) }
        }
        filler = best
    }

    /// That many messages, made on all cores.
    func make(_ count: Int) async throws -> [SignedMessage] {
        let size = 256
        return try await withThrowingTaskGroup(of: [SignedMessage].self) { group in
            for start in stride(from: 0, to: count, by: size) {
                group.addTask {
                    try (start..<min(count, start + size)).map { _ in
                        try Self.message(kind, filler, composer, identity, seals)
                    }
                }
            }
            var messages: [SignedMessage] = []
            messages.reserveCapacity(count)
            for try await part in group { messages += part }
            return messages
        }
    }

    private static func message(
        _ kind: LoadKind, _ filler: Int, _ composer: Composer, _ identity: SigningIdentity, _ seals: [Certificate]
    ) throws -> SignedMessage {
        let draft = try composer.draft(GivenDocument(parsing: kind.document(filler: filler).bytes))
        guard draft.mustBeSealed == (kind.body == .sealed) else {
            throw BenchError("a \(kind.body.rawValue) message came out otherwise")
        }
        let envelope = try draft.envelope(signedBy: identity, sealedTo: draft.mustBeSealed ? seals : [])
        return SignedMessage(id: envelope.id.description, envelope: envelope.bytes)
    }
}

/// The machine's time.
enum Clock {
    @Sendable static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
