import Glibc
import SimpulCore
import StrictJSON

/// What messages a load is made of.
struct LoadKind: Sendable, Hashable, CustomStringConvertible {
    enum Body: String, Sendable, CaseIterable {
        /// An alert of class P3, sealed for its recipients.
        case sealed
        /// A report in figures, in clear.
        case clear
    }

    var body: Body
    /// Octets that an envelope should have; what is made comes as near as the padding of seals lets it.
    var octets: Int
    /// How many agencies each alert goes to, 1 or 2; a report goes to one.
    var recipients = 1
    /// Who sends it.
    var from = Sender.passportDesk

    /// Agencies of the hub that may send an alert to the police.
    enum Sender: String, Sendable {
        case passportDesk = "id-1709.imigrasi"
        case shelter = "id-1709.ngo.rumah-aman"
        case protection = "id-1709.uptd-ppa"
    }

    static let octetsAllowed = 700...8000

    var description: String {
        "\(body.rawValue), \(octets) octets" + (from == .passportDesk ? "" : ", from \(from.rawValue)")
    }

    var sender: String { from.rawValue }

    /// Who gets every message, the first one of them reads it in the scenarios that read.
    var receivers: [String] {
        switch body {
        case .sealed: Array(["id-1709.polres.ppa", "id-1709.uptd-ppa"].prefix(recipients))
        case .clear: ["id-1709.gugus-tugas"]
        }
    }

    /// A document as a sender gives it, with that many octets of text that cannot be compressed.
    func document(filler: Int) -> JSON {
        switch body {
        case .sealed: Self.alert(to: receivers, filler: filler)
        case .clear: Self.report(to: receivers, filler: filler)
        }
    }

    private static func alert(to receivers: [String], filler: Int) -> JSON {
        [
            "header": [
                "type": "alert", "recipients": .array(receivers.map { .string($0) }), "status": "Exercise",
                "kind": "Report", "event": "TRAVEL_CONCERN", "urgency": "Immediate", "severity": "Severe",
                "certainty": "Likely", "responseType": ["Assess", "Shelter"], "region": "17.09", "child": "presumed",
                "tlp": "RED", "purpose": "VICTIM_SAFETY", "legalBasis": "PDP20-2d", "retainDays": 90,
                "uptdAbsence": "INFORMED_BEFORE",
            ],
            "body": [
                "headline": "CONTOH FIKTIF: dua pemohon paspor diduga anak, didampingi perekrut",
                "description": .string("CONTOH FIKTIF. " + randomText(min(filler, 1900))),
                "instruction": .string("Wawancarai terpisah. " + randomText(max(0, min(filler - 1900, 1900)))),
                "stage": "pre-departure", "indicators": ["CR03", "RV05"],
                "persons": [
                    [
                        "role": "PresumedVictim", "ref": "P1", "gender": "Feminine", "ageBand": "15-17",
                        "ageBasis": "presumed", "citizenship": ["IDN"],
                    ]
                ],
                "area": ["areaDesc": "Loket wawancara, kantor fiktif", "geocode": ["KEMENDAGRI": "17.09.02"]],
                "contact": ["unit": "Loket Wawancara", "phone": "+62000000002"],
            ],
        ]
    }

    private static func report(to receivers: [String], filler: Int) -> JSON {
        let evidence = (0..<min(20, filler / 64)).map { _ -> JSON in
            ["kind": "Report", "digest": .string("sha-256:" + randomText(64)), "held": "sender"]
        }
        return [
            "header": [
                "type": "activity-report", "recipients": .array(receivers.map { .string($0) }), "status": "Exercise",
                "kind": "Report", "region": "17.09", "child": "no", "tlp": "GREEN", "purpose": "MONITORING",
                "legalBasis": "NONE_PERSONAL", "retainDays": 30,
            ],
            "body": [
                "activity": "SOSIALISASI", "title": .string("CONTOH FIKTIF " + randomText(min(filler % 64, 64))),
                "state": "held", "from": "2026-03-10T09:00:00+07:00", "to": "2026-03-10T12:00:00+07:00",
                "where": ["KEMENDAGRI": "17.09.06", "precision": "kecamatan"], "organisers": ["id-1709.imigrasi"],
                "reach": ["participants": ["total": 3, "female": 2, "male": 1, "under18": 0, "disability": 0]],
                "evidence": .array(evidence),
            ],
        ]
    }

    /// Random hexadecimal letters.
    private static func randomText(_ count: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: (0..<count).map { _ in digits[Int.random(in: 0..<16)] }, as: UTF8.self)
    }
}
