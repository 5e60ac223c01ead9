import Foundation
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulServer

/// The tables of docs/errors.md and docs/status.md say what the program does, no more and no less.
@Suite struct DocumentationTests {
    private func rows(of name: String) throws -> [[String]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
    }

    @Test func `every code is documented once, with its status`() throws {
        let documented = try rows(of: "errors.md").map { "\($0[0]) \($0[1])" }
        #expect(documented.sorted() == ErrorCode.allCases.map { "\($0.rawValue) \($0.status)" }.sorted())
    }

    @Test func `every code says what it means and what to do`() throws {
        for row in try rows(of: "errors.md") { #expect(row.count == 4 && row[2].count > 10 && row[3].count > 5) }
    }

    @Test func `every metric is documented`() throws {
        let statistics = StoreStatistics(messages: 0, logSize: 0, logRoot: "", queues: [:])
        let digest = try #require(Digest("sha-256:" + String(repeating: "0", count: 64)))
        let snapshot = StatusSnapshot(
            hub: try #require(AgencyID("id-1709.simpul")), version: "", started: Timestamp(milliseconds: 0),
            now: Timestamp(milliseconds: 0), isPortOpen: true, isDraining: false, cannotWrite: false,
            roster: (0, 0, digest),
            policy: (0, digest), store: statistics, commits: 0, counters: Counters().snapshot, nextExpiry: nil,
            residentBytes: 0)
        let families = MetricsText(snapshot).text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .map { String($0.split(separator: " ")[2]) }
        let documented = try rows(of: "status.md").map { String($0[0].prefix { $0 != "{" }) }
            .filter { $0.hasPrefix("simpul_") || $0.hasPrefix("process_") }
        #expect(documented.sorted() == families.sorted())
    }

    @Test func `every call of the status socket is documented with its role`() throws {
        let documented = try rows(of: "status.md").filter { $0[0].hasPrefix("GET /") || $0[0].hasPrefix("POST /") }
            .map { "\($0[0]) \($0[1])" }
        let broker = try TestNetwork.shared.get().makeBroker(on: MemoryStore())
        let source = StatusSource(broker: broker, readiness: Readiness(), started: broker.now())
        let operations = Operations(broker: broker, readiness: source.readiness) { .refused([]) }
        let calls = StatusAPI.endpoints(source, operations)
            .map { "\($0.method) \($0.template) \($0.handler.role.rawValue)" }
        #expect(documented.sorted() == calls.sorted())
    }
}
