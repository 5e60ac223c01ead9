import JOSE
import SimpulCore
import StrictJSON

/// Clear messages of the type whose bodies grow the most, a directory, with a header at every one of its bounds.
enum LargestMessage: String, CaseIterable {
    /// Two services, as an agency with a shelter and a legal desk describes itself.
    case usual = "two services"
    /// Ten services with three opening hours each.
    case large = "ten services, three schedules each"
    /// Every list as long as its schema lets it be.
    case full = "fifty services, everything at its bound"

    /// The message.
    var document: JSON {
        let (services, schedules) =
            switch self {
            case .usual: (2, 1)
            case .large: (10, 3)
            case .full: (50, 14)
            }
        return [
            "header": Self.header,
            "body": [
                "organization": "id-1709.ngo.rumah-aman", "name": "CONTOH FIKTIF", "assuredOn": "2026-04-07",
                "services": .array((0..<services).map { _ in service(schedules: schedules) }),
            ],
        ]
    }

    private func service(schedules: Int) -> JSON {
        let isFull = self == .full
        return [
            "service": "safehouse_service", "name": "CONTOH FIKTIF Penampungan sementara", "status": "active",
            "capacity": "waitlist", "places": ["total": 12, "free": 0, "at": "2026-04-08T08:00:00+07:00"],
            "waitDays": 3, "sop": "REHAB_SOSIAL",
            "eligibility": [
                "genders": ["Feminine", "TransgenderFeminine"], "minimumAge": 0, "maximumAge": 120,
                "conditions": ["ReferralOnly"],
            ],
            "languages": ["ind", "rej", "jav"], "accessibility": ["WheelchairAccess", "FemaleStaff"],
            "aroundTheClock": true, "schedules": .array((0..<schedules).map { _ in Self.schedule }),
            "serviceAreas": .array((0..<(isFull ? 50 : 2)).map { .string("17.\(10 + $0)") }),
            "contact": ["unit": "Meja Rujukan", "phone": "+62000000021"],
        ]
    }

    private static let schedule: JSON = [
        "freq": "WEEKLY", "byday": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "opensAt": "08:00+07:00",
        "closesAt": "16:00+07:00", "validFrom": "2026-01-01", "validTo": "2026-12-31",
    ]

    private static func id(_ number: Int) -> JSON { .string("019d6aec-d840-7568-81f7-0000000000\(10 + number)") }

    /// As many parties, references and times as a header of the type may have.
    private static let header: JSON = [
        "id": id(89), "type": "directory", "schema": "directory/1.0", "hub": "id-1709.simpul",
        "sent": "2026-04-08T09:30:00+07:00", "expires": "2026-04-15T09:30:00+07:00",
        "sender": "id-1709.ngo.rumah-aman",
        "recipients": .array((0..<50).map { .string("id-1709.penerima-\($0).unit-pelayanan") }),
        "fallback": .array((0..<10).map { .string("id-1709.cadangan-\($0).unit-pelayanan") }),
        "thread": id(1), "inReplyTo": id(2), "supersedes": .array((3..<23).map(id)), "status": "Actual",
        "kind": "Update", "region": "17.09", "child": "no", "tlp": "GREEN", "purpose": "SERVICE_PROVISION",
        "legalBasis": "PDP20-2e", "consentRef": "C-ABCDEFGHIJKL", "privacy": "P2", "retainDays": 3650,
        "legalHold": false, "ackBy": "2026-04-08T13:30:00+07:00", "decideBy": "2026-04-09T09:30:00+07:00",
        "serveBy": "2026-04-10T09:30:00+07:00", "reviewBy": "2026-04-14T09:30:00+07:00",
        "attachments": .array(
            (0..<10).map { _ in ["digest": .string("sha-256:" + String(repeating: "0", count: 64)), "bytes": 184_320] }),
    ]
}
