import SimpulBroker
import SimpulCore
import StrictJSON
import Testing

@testable import SimpulServer

@Suite struct StatusTests {
    private func snapshot() throws -> StatusSnapshot {
        let digest = try #require(Digest("sha-256:" + String(repeating: "0", count: 64)))
        let police = try #require(AgencyID("id-1709.polres.ppa"))
        var counters = Counters().snapshot
        counters.accepted = 3
        counters.refused = [.policyDenied: 2]
        counters.handshakesRefused = ["expired": 1]
        let queue = StoreStatistics.Queue(
            waiting: 2, leased: 1, settled: 4, oldest: Timestamp("2026-03-04T14:14:05Z"))
        return StatusSnapshot(
            hub: try #require(AgencyID("id-1709.simpul")), version: "0.1.0",
            started: try #require(Timestamp("2026-03-04T14:14:05Z")),
            now: try #require(Timestamp("2026-03-04T14:15:05.999Z")), isPortOpen: true, isDraining: false,
            cannotWrite: false,
            roster: (2, 7, digest), policy: (5, digest),
            store: StoreStatistics(messages: 3, logSize: 9, logRoot: "ab", queues: [police: queue]), commits: 0,
            counters: counters, nextExpiry: nil, residentBytes: 1024)
    }

    @Test func `a closed port, a silent store and a stop are told as reasons`() throws {
        var snapshot = try snapshot()
        #expect(snapshot.readinessDocument.text == #"{"ready":true,"reasons":[]}"#)
        snapshot.isPortOpen = false
        snapshot.store = nil
        snapshot.isDraining = true
        #expect(
            snapshot.readinessDocument.text
                == #"{"ready":false,"reasons":["https-port-closed","store-unavailable","draining"]}"#)
    }

    @Test func `a failed write is told until one succeeds, or half a minute has passed`() throws {
        var snapshot = try snapshot()
        snapshot.cannotWrite = true
        #expect(snapshot.readinessDocument.text == #"{"ready":false,"reasons":["store-cannot-write"]}"#)
        let readiness = Readiness()
        let failed = Timestamp(milliseconds: 1_000_000)
        #expect(!readiness.cannotWrite(at: failed))
        readiness.writeFailed(at: failed)
        #expect(readiness.cannotWrite(at: failed.advanced(bySeconds: 30)))
        #expect(!readiness.cannotWrite(at: failed.advanced(bySeconds: 31)))
        readiness.writeSucceeded()
        #expect(!readiness.cannotWrite(at: failed))
    }

    @Test func `without the store its numbers are missing, not zero`() throws {
        var snapshot = try snapshot()
        snapshot.store = nil
        #expect(snapshot.document["log"] == nil)
        #expect(snapshot.document["queues"] == nil)
        #expect(!MetricsText(snapshot).text.contains("simpul_log_size"))
        #expect(MetricsText(snapshot).text.contains("simpul_ready 0\n"))
    }

    @Test func `a paused queue says since when and by whom, by name where the machine knew one`() throws {
        let police = try #require(AgencyID("id-1709.polres.ppa"))
        for (user, told) in [("petugas", #","user":"petugas""#), (nil, "")] {
            let paused = PausedQueue(
                since: Timestamp(milliseconds: 1_772_633_645_000),
                by: OperationBy(uid: 1000, user: user, role: .operator))
            let row = StatusSnapshot.row(police, StoreStatistics.Queue(), paused).text
            #expect(row.contains(#""paused":{"since":"2026-03-04T14:14:05.000Z","uid":1000\#(told)}"#), "\(row)")
        }
    }

    @Test func `the status document is golden`() throws {
        let zeros = "sha-256:" + String(repeating: "0", count: 64)
        let queue =
            #"{"agency":"id-1709.polres.ppa","waiting":2,"leased":1,"settled":4,"rungs":0,"#
            + #""oldest":"2026-03-04T14:14:05.000Z"}"#
        #expect(try snapshot().queuesDocument.text == #"{"queues":["# + queue + #"],"pushes":[]}"#)
        #expect(
            try snapshot().document.text
                == #"{"hub":"id-1709.simpul","version":"0.1.0","started":"2026-03-04T14:14:05.000Z","#
                + #""time":"2026-03-04T14:15:05.999Z","uptime":60,"ready":true,"reasons":[],"draining":false,"#
                + #""roster":{"agencies":2,"generation":7,"digest":"\#(zeros)"},"#
                + #""policy":{"rules":5,"digest":"\#(zeros)"},"log":{"size":9,"root":"ab"},"messages":3,"#
                + #""queues":[\#(queue)],"pushes":[],"counters":{"accepted":3,"repeated":0,"consentOverridden":0,"refused":{"policy-denied":2},"#
                + #""leased":0,"acknowledged":0,"givenBack":0,"failures":0,"#
                + #""clocks":{"overdue":0,"escalated":0,"bounced":0,"expired":0,"incidents":0},"#
                + #""waiting":0,"streams":0,"connections":0},"#
                + #""handshakesRefused":{"expired":1},"residentBytes":1024}"#)
    }

    @Test func `how pushing goes is told for each agency, and in metrics`() throws {
        var (snapshot, row) = (try snapshot(), PushBoard.Row())
        (row.window, row.inFlight, row.consecutiveFailures) = (1, 0, 5)
        (row.lastOutcome, row.lastAt) = ("timeout", Timestamp("2026-03-04T14:15:00Z"))
        row.breakerOpenUntil = Timestamp("2026-03-04T14:16:00Z")
        (row.settled, row.failed) = (7, ["timeout": 5, "status": 1])
        snapshot.pushes = [try #require(AgencyID("id-1709.polres.ppa")): row]
        #expect(
            snapshot.document["pushes"]?.text
                == #"[{"agency":"id-1709.polres.ppa","window":1,"inFlight":0,"consecutiveFailures":5,"#
                + #""breakerOpenUntil":"2026-03-04T14:16:00.000Z","lastOutcome":"timeout","#
                + #""lastAt":"2026-03-04T14:15:00.000Z","settled":7,"failed":{"status":1,"timeout":5}}]"#)
        let lines = Set(MetricsText(snapshot).text.split(separator: "\n").map(String.init))
        for line in [
            #"simpul_push_settled_total{agency="id-1709.polres.ppa"} 7"#,
            #"simpul_push_failed_total{agency="id-1709.polres.ppa"} 6"#,
            #"simpul_push_window{agency="id-1709.polres.ppa"} 1"#,
            #"simpul_push_in_flight{agency="id-1709.polres.ppa"} 0"#,
            #"simpul_push_consecutive_failures{agency="id-1709.polres.ppa"} 5"#,
            #"simpul_push_breaker_open{agency="id-1709.polres.ppa"} 1"#,
            #"simpul_push_failures_total{reason="timeout"} 5"#, #"simpul_push_failures_total{reason="redirected"} 0"#,
        ] { #expect(lines.contains(line), "\(line)") }
        snapshot.now = try #require(row.breakerOpenUntil)
        #expect(MetricsText(snapshot).text.contains(#"simpul_push_breaker_open{agency="id-1709.polres.ppa"} 0"#))
    }

    @Test func `metrics move with their counters`() throws {
        let lines = Set(try MetricsText(snapshot()).text.split(separator: "\n").map(String.init))
        let expected = [
            "simpul_messages_accepted_total 3", #"simpul_refusals_total{code="policy-denied"} 2"#,
            #"simpul_handshakes_refused_total{reason="expired"} 1"#,
            #"simpul_queue_waiting{agency="id-1709.polres.ppa"} 2"#,
            #"simpul_queue_leased{agency="id-1709.polres.ppa"} 1"#, "simpul_log_size 9",
            "process_resident_memory_bytes 1024", "process_start_time_seconds 1772633645",
        ]
        for line in expected { #expect(lines.contains(line)) }
    }

    @Test func `every sample belongs to a family that has a help and a type`() throws {
        var families: Set<Substring> = []
        var helped: Set<Substring> = []
        for line in try MetricsText(snapshot()).text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") {
                helped.insert(words[2])
            } else if line.hasPrefix("# TYPE ") {
                #expect(helped.contains(words[2]))
                #expect(["counter", "gauge"].contains(words[3]))
                #expect(families.insert(words[2]).inserted)
                #expect(words[2].hasSuffix("_total") == (words[3] == "counter"))
            } else {
                #expect(families.contains(words[0].split(separator: "{")[0]))
                #expect(Int(words[1]) != nil)
            }
        }
    }

    @Test func `the certificate that ends first is found among all owners`() {
        let directory: JSON = [
            "broker": ["id": "id-1709.simpul", "certificates": [["use": "tls", "until": "2026-05-01T00:00:00.000Z"]]],
            "agencies": [
                ["id": "id-1709.imigrasi", "certificates": [["use": "seal", "until": "2026-04-01T00:00:00.000Z"]]]
            ],
        ]
        let end = StatusSnapshot.CertificateEnd(
            owner: "id-1709.imigrasi", use: "seal", until: "2026-04-01T00:00:00.000Z")
        #expect(StatusSource.firstEnd(in: directory) == end)
        #expect(StatusSource.firstEnd(in: [:]) == nil)
    }

    @Test(arguments: [("VmRSS:\t  512 kB\n", 524_288), ("Name: x\nVmRSS: 1 kB", 1024), ("VmRSS:", nil), ("", nil)])
    func `resident memory is read from the kernel's text`(text: String, bytes: Int?) {
        #expect(ProcessFacts.residentBytes(in: text) == bytes)
    }
}
