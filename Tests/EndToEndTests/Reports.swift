import Glibc
import JOSE
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// Clear activity reports, the cheapest message that goes the whole way.
struct Report {
    let id: MessageID
    let envelope: [UInt8]

    init(
        from agency: HubAgency, signedBy identity: SigningIdentity? = nil, to recipient: String,
        at now: Timestamp = .now, listing attachments: [(digest: Digest, bytes: Int)] = []
    ) throws {
        id = MessageID(version7At: now, random: SecureRandom.bytes(10))
        var header: JSON = [
            "id": .string(id.description), "type": "activity-report", "schema": "activity-report/1.0",
            "hub": .string(agency.profile.hub.description), "sent": .string(now.description),
            "expires": .string(now.advanced(bySeconds: 86400).description),
            "sender": .string(agency.profile.agency.description), "recipients": [.string(recipient)],
            "status": "Test", "kind": "Report", "region": "17.09", "child": "no", "tlp": "GREEN",
            "purpose": "MONITORING", "legalBasis": "NONE_PERSONAL", "privacy": "P0", "retainDays": 30,
        ]
        if !attachments.isEmpty {
            header["attachments"] = .array(
                attachments.map { ["digest": .string($0.digest.description), "bytes": .integer($0.bytes)] })
        }
        let body: JSON = [
            "activity": "SOSIALISASI", "state": "held", "from": "2026-03-10T09:00:00+07:00",
            "to": "2026-03-10T12:00:00+07:00", "where": ["KEMENDAGRI": "17.09.06", "precision": "kecamatan"],
            "organisers": ["id-1709.imigrasi"],
            "reach": ["participants": ["total": 3, "female": 2, "male": 1, "under18": 0, "disability": 0]],
        ]
        envelope = try (identity ?? agency.keys.signing).envelope(header: header, body: body)
    }
}

extension Timestamp {
    /// The machine's time.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
