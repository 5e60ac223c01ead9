import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// Records of who may do what, in every store; and the audit of their chain.
@Suite(.storesInTurn) struct AuthorityContractTests {
    private let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func authority(_ text: String) throws -> Authority {
        let policy = Policy(
            rules: [], approvers: [network.police.id, network.shelter.id],
            digest: Digest(SHA256.hash(Array(text.utf8))))
        return Authority(Rulebook.Rules(roster: try network.roster(), policy: policy))
    }

    private var keys: ApproverKeys {
        [
            network.police.id: [network.police.signing.certificate.thumbprint],
            network.shelter.id: [network.shelter.signing.certificate.thumbprint],
        ]
    }

    /// The record of a policy, and what follows it with the approvals of those agencies.
    private func chain(by agencies: [TestAgency]) throws -> (first: LogRecord, next: LogRecord) {
        let (old, new) = (try authority("old"), try authority("new"))
        let first = AuthorityRecord(old, approvers: keys, at: network.now).logged
        let step = RuleChange(
            hub: network.broker.agency, after: first.digest, from: old.digest, to: new.digest, approvers: keys,
            reason: "uji", at: network.now)
        let approvals = try agencies.map { try $0.signing.approval(of: step) }
        return (first, AuthorityRecord(new, approvers: keys, approvals: approvals, at: network.now).logged)
    }

    private func findings(_ bench: Bench, knowing known: [TestAgency]) throws -> [String] {
        let certificates = known.map(\.signing.certificate)
        let report = try StoreAudit.verify(
            path: bench.path, checkpointKey: bench.checkpoints.publicKey,
            signers: { thumbprint in certificates.first { $0.thumbprint == thumbprint } },
            receiptVerifier: { _ in nil })
        return report.findings.map(\.description)
    }

    @Test(arguments: Engine.allCases)
    func `the newest record is told whole, and its digest`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        #expect(try await bench.store.newest(.authority) == nil)
        let (first, next) = try chain(by: [network.police, network.shelter])
        try await bench.store.append(first)
        try await bench.store.append(LogRecord(.policy, digest: Digest(SHA256.hash([1])), at: bench.now))
        #expect(try await bench.store.newest(.authority) == first)
        try await bench.store.append(next)
        #expect(try await bench.store.newest(.authority) == next)
        #expect(try await bench.store.lastRecorded(.authority) == authority("new").digest)
        #expect(try await bench.store.newest(.receipt) == nil)
    }

    @Test func `the newest record is read beside the broker, and of an empty file there is none`() async throws {
        let bench = try Bench(.sqlite)
        #expect(try StoredLog.newest(.authority, path: bench.path) == nil)
        let (first, _) = try chain(by: [])
        try await bench.store.append(first)
        #expect(try StoredLog.newest(.authority, path: bench.path) == first)
        #expect(throws: StoreError.self) { try StoredLog.newest(.authority, path: bench.path + "-none") }
    }

    @Test func `an audit believes a change that two approvers have signed, given their certificates`() async throws {
        let bench = try Bench(.sqlite)
        let (first, next) = try chain(by: [network.police, network.shelter])
        for record in [first, next] { try await bench.store.append(record) }
        #expect(try findings(bench, knowing: [network.police, network.shelter]) == [])
        #expect(
            try findings(bench, knowing: [network.police]) == [
                "log 1: forged: two approvers have not signed this change of the rules: "
                    + ChangeFault.unknownSigner.rawValue
            ])
    }

    @Test func `an audit finds a change that was recorded without two approvers`() async throws {
        let everybody = network.agencies
        for (agencies, fault) in [
            ([], ChangeFault.tooFew), ([network.police], .tooFew), ([network.police, network.police], .sameAgency),
            ([network.police, network.immigration], .unknownKey),
        ] {
            let bench = try Bench(.sqlite)
            let (first, next) = try chain(by: agencies)
            for record in [first, next] { try await bench.store.append(record) }
            #expect(
                try findings(bench, knowing: everybody) == [
                    "log 1: forged: two approvers have not signed this change of the rules: \(fault.rawValue)"
                ])
        }
    }

    @Test func `an audit finds approvals of another step, and a first record that follows one`() async throws {
        let bench = try Bench(.sqlite)
        let (first, next) = try chain(by: [network.police, network.shelter])
        try await bench.store.append(next)
        #expect(try findings(bench, knowing: network.agencies).map { $0.prefix(14) } == ["log 0: dropped"])
        try await bench.store.append(first)
        try await bench.store.append(next)
        let faults = try findings(bench, knowing: network.agencies)
        #expect(faults.count == 2 && faults[1].hasPrefix("log 1: forged"), "\(faults)")
    }

    @Test func `an audit finds a record that is none`() async throws {
        let bench = try Bench(.sqlite)
        let record = LogRecord(subject: .authority, at: bench.now, octets: Array("{}".utf8))
        try await bench.store.append(record)
        let faults = try findings(bench, knowing: [])
        #expect(faults.contains("log 0: edited: the record is none of an authority"), "\(faults)")
    }
}
