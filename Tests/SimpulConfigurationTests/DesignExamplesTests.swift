import Foundation
import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import StrictYAML
import Testing

@testable import SimpulConfiguration

/// Ten messages as the network's designers wrote them, each sent by its sender, under the policy of a new hub. They are
/// read from the folder that `SIMPUL_EXAMPLES` names; where it is absent, that is said aloud.
@Suite struct DesignExamplesTests {
    private static let folder = ProcessInfo.processInfo.environment["SIMPUL_EXAMPLES"]

    /// In the order in which they were sent, so that answers have their questions.
    private static let names = [
        "alert", "screening", "consent", "referral", "referral-status", "tip", "evidence-notice", "correlation-notice",
        "activity-report", "return",
    ]

    private let network: TestNetwork
    private let agencies: [TestAgency]
    private let policy: Policy

    init() throws {
        network = try TestNetwork.shared.get()
        let others = [
            ("id-17.dinsos.rpsa", "SOC"), ("id-1709.gugus-tugas", "TF"), ("id-17.gugus-tugas", "TF"),
            ("id-1709.desa-fasilitator", "FACILITATOR"), ("id-17.kp2mi", "LAB"), ("id-1709.dinsos", "SOC"),
            ("id-1709.kejari", "PROS"), ("id-1709.simpul", "BROKER"),
        ]
        agencies = try network.agencies + others.map { [network] in try network.makeAgency($0, role: $1) }
        let faults = YAMLFaults()
        let text = DefaultPolicy.text.replacing("# dpia:", with: "dpia:")
        policy = try #require(PolicyFile.read(YAMLFile(path: "policy.yaml", bytes: Array(text.utf8)), faults))
    }

    @Test func `each is accepted when its sender sends it`() async throws {
        guard let folder = Self.folder, FileManager.default.fileExists(atPath: folder) else {
            print("skipped: the designers' example messages — SIMPUL_EXAMPLES names no folder")
            return
        }
        let store = MemoryStore()
        try await send(Self.consentToReturn, on: store, as: "a consent to the return")
        for name in Self.names {
            let text = try String(contentsOfFile: "\(folder)/\(name).json", encoding: .utf8)
            try await send(text, on: store, as: name)
        }
    }

    /// Signs a message as its sender, sealed where it must be, and submits it a second after it was sent.
    private func send(_ text: String, on store: MemoryStore, as name: String) async throws {
        let document = try JSONDocument(Array(text.utf8)).root
        var header = JSON(try #require(document["header"]))
        var body = JSON(try #require(document["body"]))
        header["bodyDigest"] = nil
        // What the examples list was never uploaded.
        header["attachments"] = nil
        body["attachments"] = nil
        let read = try network.catalogue.header(JSONDocument(header.bytes).root)
        let sender = try #require(agencies.first { $0.id == read.sender }, "\(name)")
        if read.mustBeSealed {
            let parties = agencies.filter { (read.recipients + read.fallback).contains($0.id) }
            let sealed = try SealedBody.seal(
                body, id: read.id, sender: read.sender, for: parties.map(\.seal), limits: network.limits)
            header["bodyDigest"] = .string(sealed.digest.description)
            body = sealed.body
        }
        let moment = read.sent.advanced(bySeconds: 1)
        let broker = try network.makeBroker(
            on: store, roster: network.roster(of: agencies), policy: policy, now: { moment })
        let caller = try network.caller(sender, of: broker)
        do {
            let answer = try await broker.intake.accept(
                sender.signing.envelope(header: header, body: body), from: caller)
            #expect(!answer.isRepeated, "\(name)")
        } catch let recorded as RecordedRefusal {
            Issue.record("\(name): \(recorded.refusal.code) \(recorded.refusal.diagnosis) \(recorded.refusal.faults)")
        }
    }

    /// What the example of a return stands on.
    private static let consentToReturn = """
        {"header":{"id":"019d0900-7800-712f-92e5-fea23598aa88","type":"consent","schema":"consent/1.0",
          "hub":"id-1709.simpul","sent":"2026-03-20T09:00:00+07:00","expires":"2026-04-03T09:00:00+07:00",
          "sender":"id-17.kp2mi","recipients":["id-1709.simpul"],"status":"Test","kind":"Report","action":"grant",
          "region":"17.09","child":"no","tlp":"RED","purpose":"REPATRIATION","legalBasis":"PDP20-2a",
          "consentRef":"C-0311","privacy":"P1","retainDays":1825},
         "body":{"consentRef":"C-0311","grantor":"Individual","shareWith":["id-1709.dinsos","id-1709.uptd-ppa"],
          "purposes":["REPATRIATION"],"types":["return"],"scope":["identity","travel","reintegrationNeed"],
          "withheld":["medicalFindings"],"from":"2026-03-20T08:00:00+07:00","until":"2026-06-18T08:00:00+07:00",
          "informedOf":["purpose"],
          "recordRef":"sha-256:7c1c97df17c066924822b0af09a65251554962c61e23329aed04cd19020dc3b8",
          "identityIncluded":false}}
        """
}
