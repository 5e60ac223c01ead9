import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

/// The digest of who may do what, and the record of it.
@Suite struct AuthorityTests {
    private let bench: ChangeBench

    init() throws { bench = try ChangeBench() }

    @Test func `the digest is that of a text which anybody can write`() throws {
        let policy = "sha-256:" + SHA256.hash(Array("first".utf8)).hex
        let text = """
            {"agencies":{"id-1709.imigrasi":["IMM"],"id-1709.ngo.rumah-aman":["NGO"],"id-1709.polres.ppa":["POL"],\
            "id-1709.uptd-ppa":["TF","UPTD"]},"policy":"\(policy)"}
            """
        #expect(
            Authority(try bench.wider()).digest.description == "sha-256:" + SHA256.hash(Array(text.utf8)).hex)
    }

    @Test func `certificates, and whether an agency is active, are no part of it`() throws {
        let other = try bench.rules { agency in
            agency.isActive = false
            agency.certificates.removeLast()
            agency.allowsRS256 = true
        }
        #expect(Authority(other) == Authority(try bench.rules()))
    }

    @Test func `a record reads back as what was written, and only so`() async throws {
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let logged = try require(try await bench.store.newest(.authority))
        let record = try require(AuthorityRecord(logged))
        #expect(record.logged == logged)
        #expect(logged.configurationDigest == Authority(try bench.rules()).digest)
        for (old, new) in [("\"IMM\"", "\"POL\""), ("\"v\":1", "\"v\":2"), ("{\"v\"", "{ \"v\""), ("[]", "[1]")] {
            let text = String(decoding: logged.octets, as: UTF8.self).replacing(old, with: new)
            try #require(Array(text.utf8) != logged.octets)
            let forged = LogRecord(subject: .authority, at: logged.at, octets: Array(text.utf8))
            #expect(AuthorityRecord(forged) == nil, "\(old)")
        }
    }

    @Test func `rules do not start on a record that is damaged`() async throws {
        let record = LogRecord(
            subject: .authority, at: bench.network.now,
            octets: Array("{\"digest\":\"\(Authority(try bench.rules()).digest)\"}".utf8))
        try await bench.store.append(record)
        let error = await #expect(throws: Broker.RulesError.self) {
            try await bench.broker.confirmRules(change: ChangeBench.none)
        }
        guard case .unapproved(let rules)? = error else { return }
        #expect(rules.fault == .damagedRecord)
    }
}
