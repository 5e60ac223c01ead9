import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// How rules come into force, and how they do not.
@Suite struct RuleChangeTests {
    /// What may be wrong with a change of which everything else is right.
    enum Flaw: CaseIterable, Sendable {
        case noFile, tooLarge, noText, noStep, emptyLine, noLastLineEnd, tooManyLines, repeatedLine
        case unsigned, oneSignature, twoOfOneAgency, byNoApprover, byStranger, thirdIsNoApprover
        case otherHub, otherRecord, otherStart, otherEnd, otherApprovers, foreignCertificate, oneApproverLeft
        case tampered, otherReason, otherFirstLine, endorsementAsApproval, suspendedApprover, retiredCertificate,
            revokedCertificate

        var fault: ChangeFault {
            switch self {
            case .noFile: .missing
            case .tooLarge: .tooLarge
            case .noText, .noStep, .emptyLine, .noLastLineEnd: .malformed
            case .tooManyLines: .tooManyLines
            case .repeatedLine: .repeatedLine
            case .unsigned, .oneSignature: .tooFew
            case .twoOfOneAgency: .sameAgency
            case .byNoApprover, .thirdIsNoApprover: .noApprover
            case .byStranger: .unknownSigner
            case .otherHub: .wrongHub
            case .otherRecord, .otherStart: .wrongStart
            case .otherEnd: .wrongEnd
            case .otherApprovers, .foreignCertificate, .oneApproverLeft: .wrongApprovers
            case .tampered, .endorsementAsApproval: .badApproval
            case .otherReason, .otherFirstLine: .otherStep
            case .suspendedApprover, .retiredCertificate, .revokedCertificate: .refusedSigner
            }
        }
    }

    @Test(arguments: Flaw.allCases)
    func `a change with one flaw is refused, the rules in force stay, and the log says nothing`(
        _ flaw: Flaw
    ) async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let (rules, document) = try await flawed(flaw, bench)
        #expect(try await bench.refusal(of: rules, document) == flaw.fault)
        #expect(bench.roles == ["UPTD"] && bench.records.count == 1)
    }

    private func flawed(_ flaw: Flaw, _ bench: ChangeBench) async throws -> (Rulebook.Rules, ChangeDocument) {
        let (police, shelter) = (bench.network.police, bench.network.shelter)
        let rules = try wider(flaw, bench)
        var step = try await bench.step(to: bench.wider())
        let good = try bench.document(step, by: [police, shelter]).content.get()
        let lines = good.split(separator: UInt8(ascii: "\n")).map { Array($0) }
        func document(_ lines: [[UInt8]]) -> ChangeDocument {
            ChangeBench.document(lines.flatMap { $0 + [UInt8(ascii: "\n")] })
        }
        let elsewhere = Digest(SHA256.hash([7]))
        switch flaw {
        case .noFile: return (rules, ChangeBench.none)
        case .tooLarge: return (rules, ChangeBench.document([UInt8](repeating: 0x20, count: 256 * 1024 + 1)))
        case .noText: return (rules, ChangeBench.document([]))
        case .noStep: return (rules, document(Array(lines.dropFirst())))
        case .emptyLine: return (rules, document([lines[0], [], lines[1], lines[2]]))
        case .noLastLineEnd: return (rules, ChangeBench.document(good.dropLast()))
        case .tooManyLines: return (rules, document([lines[0]] + (0..<17).map { [0x61 + $0] }))
        case .repeatedLine: return (rules, document([lines[0], lines[1], lines[1]]))
        case .unsigned: return (rules, document([lines[0]]))
        case .oneSignature: return (rules, document([lines[0], lines[1]]))
        case .twoOfOneAgency: return (rules, try bench.document(step, by: [police, police]))
        case .byNoApprover: return (rules, try bench.document(step, by: [police, bench.network.immigration]))
        case .thirdIsNoApprover:
            return (rules, try bench.document(step, by: [police, shelter, bench.network.immigration]))
        case .byStranger:
            let token = try bench.network.broker.approval(of: step)
            return (rules, document([lines[0], lines[1], token]))
        case .otherHub: step.hub = try require(AgencyID("id-1710.simpul"))
        case .otherRecord: step.after = elsewhere
        case .otherStart: step.from = elsewhere
        case .otherEnd: step.to = elsewhere
        case .otherApprovers: step.approvers[bench.network.immigration.id] = step.approvers[police.id]
        case .foreignCertificate: step.approvers[police.id] = [bench.network.immigration.signing.certificate.thumbprint]
        case .oneApproverLeft: step.approvers[police.id] = []
        case .tampered:
            var token = lines[2]
            token[token.count - 20] = token[token.count - 20] == 0x41 ? 0x42 : 0x41
            return (rules, document([lines[0], lines[1], token]))
        case .otherReason:
            step.reason = "lain"
            return (rules, document([lines[0], lines[1], try shelter.signing.approval(of: step)]))
        case .otherFirstLine:
            step.reason = "lain"
            return (rules, document([step.octets, lines[1], lines[2]]))
        case .endorsementAsApproval:
            let word = Endorsement(
                agency: shelter.id, use: .sign, thumbprint: shelter.signing.certificate.thumbprint,
                from: bench.network.now, until: bench.network.now.advanced(bySeconds: 60))
            return (rules, document([lines[0], lines[1], try shelter.signing.endorsement(word)]))
        case .suspendedApprover, .retiredCertificate, .revokedCertificate: break
        }
        return (rules, try bench.document(step, by: [police, shelter]))
    }

    /// The wider rules, in which the shelter may have lost what it signs with.
    private func wider(_ flaw: Flaw, _ bench: ChangeBench) throws -> Rulebook.Rules {
        let (shelter, authority) = (bench.network.shelter, bench.network.authority)
        let moment = bench.network.now.seconds
        let list = try CertificateAuthority.revocationList(
            issuer: authority.anchor, key: authority.key,
            revoked: [(shelter.signing.certificate.serialHex, moment - 60)], thisUpdate: moment - 60,
            nextUpdate: moment + 3600, number: 1)
        return try bench.wider(revocationLists: flaw == .revokedCertificate ? [list] : []) { agency in
            guard agency.id == shelter.id else { return }
            if flaw == .suspendedApprover { agency.isActive = false }
            for index in agency.certificates.indices where flaw == .retiredCertificate {
                agency.certificates[index].isRetired = true
            }
        }
    }

    @Test func `the first rules need no approval, and are recorded once`() async throws {
        let bench = try ChangeBench()
        #expect(try await bench.broker.confirmRules(change: ChangeBench.none) == .recorded(0))
        #expect(try await bench.broker.confirmRules(change: ChangeBench.none) == .none)
        let record = try require(bench.records.first)
        #expect(record.approvals.isEmpty && bench.records.count == 1)
        #expect(
            record.approvers == [
                bench.network.police.id: [bench.network.police.signing.certificate.thumbprint],
                bench.network.shelter.id: [bench.network.shelter.signing.certificate.thumbprint],
            ])
    }

    @Test func `a change that two approvers sign is in force and in the log, with both signatures`() async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let rules = try bench.wider()
        let step = try await bench.step(to: rules)
        let document = try bench.document(step, by: [bench.network.shelter, bench.network.police])
        #expect(try await bench.broker.replaceRules(with: rules, change: document) == .recorded(1))
        #expect(bench.roles == ["TF", "UPTD"])
        let record = try require(bench.records.last)
        #expect(record.approvals.count == 2 && record.authority == Authority(rules))
        #expect(try await bench.broker.confirmRules(change: document) == .none, "a restart needs nothing")
    }

    @Test func `a change cannot be used a second time`() async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let both = [bench.network.police, bench.network.shelter]
        let (narrow, wide) = (try bench.rules(), try bench.wider())
        let widening = try bench.document(try await bench.step(to: wide), by: both)
        #expect(try await bench.refusal(of: wide, widening) == nil)
        let narrowing = try bench.document(try await bench.step(to: narrow), by: both)
        #expect(try await bench.refusal(of: narrow, narrowing) == nil)
        #expect(try await bench.refusal(of: wide, widening) == .wrongStart)
        #expect(bench.roles == ["UPTD"] && bench.records.count == 3)
    }

    @Test func `taking a role or an agency away needs approval too`() async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let other = try require(Role("TF"))
        let moved = try bench.rules { agency in
            if agency.id == bench.network.immigration.id { agency.roles = [other] }
        }
        #expect(try await bench.refusal(of: moved, ChangeBench.none) == .missing)
        let all = try bench.rules().roster
        let left = try Roster(
            agencies: all.agencies.values.filter { $0.id != bench.network.immigration.id }, trust: all.trust,
            digest: all.digest, generation: 2)
        let rules = Rulebook.Rules(roster: left, policy: ChangeBench.policy(bench.network))
        #expect(try await bench.refusal(of: rules, ChangeBench.none) == .missing)
    }

    @Test func `a policy of other octets needs approval`() async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let rules = Rulebook.Rules(
            roster: try bench.rules().roster, policy: ChangeBench.policy(bench.network, "second"))
        #expect(try await bench.refusal(of: rules, ChangeBench.none) == .missing)
    }

    @Test func `what an emergency needs is in force at once, also where no store can be written`() async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let pending = try bench.document(try await bench.step(to: bench.wider()), by: [bench.network.police])
        bench.store.failWrites(with: StoreError(.unavailable, "disk full"))
        let rules = try bench.rules { agency in
            if agency.id == bench.network.protection.id { agency.isActive = false }
            for index in agency.certificates.indices where agency.id == bench.network.police.id {
                agency.certificates[index].isRetired = true
            }
        }
        #expect(try await bench.broker.replaceRules(with: rules, change: pending) == .pending(.wrongEnd))
        #expect(bench.broker.rulebook.rules.roster.activeAgency(bench.network.protection.id) == nil)
        #expect(bench.records.count == 1)
    }

    @Test func `an approved change that the log cannot take is not in force`() async throws {
        let bench = try ChangeBench()
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let rules = try bench.wider()
        let document = try bench.document(
            try await bench.step(to: rules), by: [bench.network.police, bench.network.shelter])
        bench.store.failWrites(with: StoreError(.unavailable, "disk full"))
        await #expect(throws: Broker.RulesError.self) {
            try await bench.broker.replaceRules(with: rules, change: document)
        }
        #expect(bench.roles == ["UPTD"])
        bench.store.failWrites(with: nil)
        #expect(try await bench.broker.replaceRules(with: rules, change: document) == .recorded(1))
        #expect(bench.roles == ["TF", "UPTD"])
    }
}
