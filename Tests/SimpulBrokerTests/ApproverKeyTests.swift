import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// By which certificates an approver is known.
@Suite struct ApproverKeyTests {
    /// A second sign certificate of an agency.
    private struct Renewed {
        let signing: SigningIdentity
        let listed: RosterCertificate

        init(_ agency: TestAgency, in network: TestNetwork, endorsedBy endorser: SigningIdentity?) throws {
            let key = PrivateKey.generate(.p256)
            let certificate = try network.authority.certificate(for: "renewed", key: key)
            signing = try require(SigningIdentity(agency: agency.id, certificate: certificate, key: key))
            let word = Endorsement(
                agency: agency.id, use: .sign, thumbprint: certificate.thumbprint, from: network.now,
                until: network.now.advanced(bySeconds: 86400))
            let token = try endorser.map { String(decoding: try $0.endorsement(word), as: UTF8.self) }
            listed = RosterCertificate(agency: agency.id, use: .sign, certificate: certificate, endorsement: token)
        }
    }

    private func refusal(_ bench: ChangeBench, _ renewed: Renewed, retiring: Bool = false) async throws -> ChangeFault?
    {
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let rules = try bench.wider { agency in
            guard agency.id == bench.network.shelter.id else { return }
            for index in agency.certificates.indices { agency.certificates[index].isRetired = retiring }
            agency.certificates.append(renewed.listed)
        }
        let step = try await bench.step(to: rules)
        var file = ChangeFile(step)
        try file.append(bench.network.police.signing.approval(of: step))
        try file.append(renewed.signing.approval(of: step))
        return try await bench.refusal(of: rules, ChangeBench.document(file.octets))
    }

    @Test func `a certificate that the recorded one endorses counts, and its endorsement is in the log`() async throws {
        let bench = try ChangeBench()
        let shelter = bench.network.shelter
        let renewed = try Renewed(shelter, in: bench.network, endorsedBy: shelter.signing)
        #expect(try await refusal(bench, renewed) == nil)
        let record = try require(bench.records.last)
        #expect(record.endorsements == [renewed.listed.endorsement])
        #expect(record.approvers[shelter.id]?.contains(renewed.signing.certificate.thumbprint) == true)
    }

    @Test func `a certificate that somebody has merely listed for an approver does not count`() async throws {
        let bench = try ChangeBench()
        let renewed = try Renewed(bench.network.shelter, in: bench.network, endorsedBy: nil)
        #expect(try await refusal(bench, renewed) == .unknownKey)
    }

    @Test func `another agency's endorsement does not count`() async throws {
        let bench = try ChangeBench()
        let renewed = try Renewed(bench.network.shelter, in: bench.network, endorsedBy: bench.network.police.signing)
        #expect(try await refusal(bench, renewed) == .unknownKey)
    }

    @Test func `the endorsement of a certificate that is retired does not count`() async throws {
        let bench = try ChangeBench()
        let renewed = try Renewed(bench.network.shelter, in: bench.network, endorsedBy: bench.network.shelter.signing)
        #expect(try await refusal(bench, renewed, retiring: true) == .unknownKey)
    }

    @Test func `a step that changes nothing but certificates is recorded, once, and the old ones count no more`()
        async throws
    {
        let bench = try ChangeBench()
        let shelter = bench.network.shelter
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let renewed = try Renewed(shelter, in: bench.network, endorsedBy: nil)
        let rules = try bench.rules { agency in
            if agency.id == shelter.id { agency.certificates.append(renewed.listed) }
        }
        var step = try await bench.step(to: rules)
        step.approvers[shelter.id] = [renewed.signing.certificate.thumbprint]
        let document = try bench.document(step, by: [bench.network.police, shelter])
        #expect(try await bench.broker.replaceRules(with: rules, change: document) == .recorded(1))
        #expect(try await bench.broker.replaceRules(with: rules, change: document) == .none)
        let next = try await bench.step(to: bench.wider())
        let old = try bench.document(next, by: [bench.network.police, shelter])
        #expect(try await bench.refusal(of: bench.wider(), old) == .unknownKey)
        #expect(bench.roles == ["UPTD"])
    }

    @Test(arguments: [false, true])
    func `an approval with RS256 counts only where the roster allows that for the agency`(_ allows: Bool) async throws {
        let key = PrivateKey.generate(.rsa(bits: 2048))
        let network = try TestNetwork.shared.get()
        let certificate = try network.authority.certificate(for: "rsa", key: key)
        let shelter = network.shelter.id
        let bench = try ChangeBench { agency in
            guard agency.id == shelter else { return }
            agency.allowsRS256 = allows
            agency.certificates.append(RosterCertificate(agency: shelter, use: .sign, certificate: certificate))
        }
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let rules = try bench.wider()
        let step = try await bench.step(to: rules)
        let header: JSON = [
            "alg": "RS256", "typ": "simpul-change+jws", "x5t#S256": .string(certificate.thumbprint.base64url),
        ]
        var file = ChangeFile(step)
        try file.append(network.police.signing.approval(of: step))
        try file.append(CompactJWS.sign(header: header, payload: step.octets, key: key, algorithm: .RS256))
        let refusal = try await bench.refusal(of: rules, ChangeBench.document(file.octets))
        #expect(refusal == (allows ? nil : .algorithmRefused))
    }

    @Test func `who could sign is known: by a recorded certificate or an endorsed one that may be used now`()
        async throws
    {
        let bench = try ChangeBench()
        let (police, shelter) = (bench.network.police, bench.network.shelter)
        _ = try await bench.broker.confirmRules(change: ChangeBench.none)
        let newest = try await bench.store.newest(.authority)
        func able(_ change: (inout Agency) -> Void) throws -> [AgencyID] {
            RuleCheck(
                hub: bench.broker.id, rules: try bench.rules(changing: change), change: ChangeBench.none,
                now: bench.network.now
            ).able(after: newest)
        }
        #expect(try able { _ in } == [shelter.id, police.id].sorted())
        #expect(try able { $0.isActive = $0.id != shelter.id } == [police.id])
        let unendorsed = try Renewed(shelter, in: bench.network, endorsedBy: nil)
        let replaced = try able { agency in
            guard agency.id == shelter.id else { return }
            for index in agency.certificates.indices { agency.certificates[index].isRetired = true }
            agency.certificates.append(unendorsed.listed)
        }
        #expect(replaced == [police.id])
    }
}
