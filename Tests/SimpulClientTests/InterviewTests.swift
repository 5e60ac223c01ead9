import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

/// Answers from a list; keeps what was said.
private final class Script: Respondent {
    private var answers: [String]
    private(set) var said: [String] = []

    init(_ answers: [String]) { self.answers = answers.reversed() }

    var isAtEnd: Bool { answers.isEmpty }

    func say(_ text: String) { said.append(text) }

    func line() throws(ClientError) -> String {
        guard let answer = answers.popLast() else { throw .answersEnded }
        return answer
    }
}

@Suite struct InterviewTests {
    private let writer: DraftWriter
    private let catalogue: SchemaCatalogue

    init() throws {
        let network = try TestNetwork.shared.get()
        catalogue = network.catalogue
        writer = DraftWriter(
            catalogue: catalogue, agency: network.immigration.id, hub: network.broker.agency,
            now: try #require(Timestamp("2026-03-04T14:00:00.000Z")))
    }

    /// A tip's required header members from `recipients` on; `status` and `region` keep what is proposed.
    private static let header = [
        "id-1709.polres.ppa", "", "", "Report", "1", "Severe", "3", "", "presumed", "RED", "REPORT_INTAKE",
        "PDP20-2d", "90", "",
    ]

    @Test func `a message is asked for and valid in the end`() throws {
        let script = Script(
            Self.header + ["Sapa129", "2026-03-04T20:00:00+07:00", "1", "", "CONTOH FIKTIF. Dua anak.", ""])
        let (document, isValid) = try writer.interview(script, of: .tip, in: .indonesian)
        #expect(isValid && script.isAtEnd)
        #expect(document["header"]?["recipients"] == ["id-1709.polres.ppa"])
        #expect(document["header"]?["urgency"] == "Immediate" && document["header"]?["region"] == "17.09")
        #expect(document["header"]?["privacy"] == "P4" && document["header"]?["retainDays"] == 90)
        #expect(document["body"]?["reporter"] == ["mode": "anonymous", "identityIncluded": false])
        #expect(script.said.contains { $0.contains("Seberapa segera tindakan diperlukan.") })
        #expect(script.said.contains("  1 Immediate, 2 Expected, 3 Future, 4 Past, 5 Unknown"))
    }

    @Test func `an answer that does not fit is refused at once, without being repeated`() throws {
        var answers = Self.header
        answers.replaceSubrange(12...12, with: ["rahasia9", "4000", "90"])
        answers[3...3] = ["Rahasia", "Reprot", "99", "Report"]
        let script = Script(
            answers + ["Sapa129", "kemarin", "2026-03-04T20:00:00+07:00", "1", "", "CONTOH FIKTIF.", ""])
        let (document, isValid) = try writer.interview(script, of: .tip, in: .indonesian)
        #expect(isValid && document["header"]?["kind"] == "Report")
        let said = script.said.joined(separator: "\n")
        #expect(said.contains("Maksud Anda Report?"))
        #expect(said.contains("Tidak boleh lebih dari 3650."))
        #expect(!said.contains("Rahasia") && !said.contains("kemarin") && !said.contains("rahasia9"))
    }

    @Test func `optional members are filled in by number, lists by repetition`() throws {
        let script = Script(
            Self.header + [
                "Sapa129", "2026-03-04T20:00:00+07:00", "1", "", "CONTOH FIKTIF.", "99", "suspects",
                "y", "P1", "1", "", "y", "P2", "2", "", "n",
            ])
        let (document, isValid) = try writer.interview(script, of: .tip, in: .english)
        #expect(isValid, "\(document.text)")
        #expect(document["body"]?["suspects"]?.child("1")?["ref"] == "P2")
        #expect(document["body"]?["suspects"]?.child("2") == nil)
    }

    @Test func `what an answer makes necessary is asked for too`() throws {
        var answers = Self.header
        answers.replaceSubrange(11...11, with: ["PDP20-2a", "C-AB12"])
        let script = Script(
            answers + ["Sapa129", "2026-03-04T20:00:00+07:00", "1", "", "CONTOH FIKTIF.", ""])
        let (document, isValid) = try writer.interview(script, of: .tip, in: .english)
        #expect(isValid && document["header"]?["consentRef"] == "C-AB12")
    }

    @Test func `an interview that ends early gives nothing`() {
        for count in 0..<Self.header.count {
            let script = Script(Array(Self.header.prefix(count)))
            #expect(throws: ClientError.answersEnded) { try writer.interview(script, of: .tip, in: .english) }
        }
    }

    @Test(arguments: MessageType.allCases)
    func `answers without sense come to an end for every type`(type: MessageType) {
        for answer in ["", "1"] {
            let script = Script(Array(repeating: answer, count: 5000))
            let error = #expect(throws: ClientError.self) { try writer.interview(script, of: type, in: .english) }
            #expect(error?.code == "interview")
        }
    }
}
