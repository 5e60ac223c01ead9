import JOSE
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite struct RosterTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    @Test func `a thumbprint occurs once in the whole roster, and one key has one use`() throws {
        let immigration = network.immigration
        #expect(throws: RosterFaults.self) {
            try network.roster { agency in
                agency.certificates.append(
                    RosterCertificate(agency: agency.id, use: .sign, certificate: immigration.signing.certificate))
            }
        }
        let second = try network.authority.certificate(for: "second", key: immigration.sealKey)
        #expect(throws: RosterFaults.self) {
            try network.roster { agency in
                guard agency.id == immigration.id else { return }
                agency.certificates.append(RosterCertificate(agency: agency.id, use: .sign, certificate: second))
            }
        }
    }

    @Test func `a connection belongs to the agency that lists its certificate for TLS`() throws {
        let roster = try network.roster()
        let anchor = network.authority.anchor
        #expect(roster.agency(ofPeer: [network.police.tls, anchor], at: network.now)?.id == network.police.id)
        #expect(roster.agency(ofPeer: [network.police.signing.certificate, anchor], at: network.now) == nil)
        #expect(roster.agency(ofPeer: [], at: network.now) == nil)
        let later = network.now.advanced(bySeconds: 60)
        let renewed = try network.roster { agency in
            for index in agency.certificates.indices { agency.certificates[index].from = later }
        }
        #expect(renewed.agency(ofPeer: [network.police.tls, anchor], at: network.now) == nil)
        #expect(renewed.agency(ofPeer: [network.police.tls, anchor], at: later)?.id == network.police.id)
    }

    @Test func `a name in a certificate counts only under an anchor that may name`() throws {
        let key = PrivateKey.generate(.p256)
        let name = "urn:simpul:agency:\(network.police.id)"
        let certificate = try network.authority.certificate(
            for: "renewed", key: key, usages: [.clientAuth], names: [.uri(name)])
        let chain = [certificate, network.authority.anchor]
        #expect(try network.roster().agency(ofPeer: chain, at: network.now) == nil)
        let naming = try network.roster(namingAnchors: [network.authority.anchor.thumbprint])
        #expect(naming.agency(ofPeer: chain, at: network.now)?.id == network.police.id)
    }

    @Test func `a certificate is judged by its listing, its dates, its chain and the revocation list`() throws {
        let listed = RosterCertificate(
            agency: network.police.id, use: .sign, certificate: network.police.signing.certificate)
        let now = network.now
        let roster = try network.roster()
        #expect(roster.objection(to: listed, at: now) == nil)
        #expect(roster.objection(to: listed, at: now.advanced(bySeconds: 81 * 86400)) == .chain(.expired))
        #expect(roster.objection(to: listed, at: now.advanced(bySeconds: -7200)) == .chain(.notYetValid))
        var changed = listed
        changed.isRetired = true
        #expect(roster.objection(to: changed, at: now) == .notInUse)
        changed = listed
        changed.until = now
        #expect(roster.objection(to: changed, at: now) == .notInUse)
        let list = try CertificateAuthority.revocationList(
            issuer: network.authority.anchor, key: network.authority.key,
            revoked: [(network.police.signing.certificate.serialHex, now.seconds - 60)], thisUpdate: now.seconds - 60,
            nextUpdate: now.seconds + 86400, number: 1)
        #expect(try network.roster(revocationLists: [list]).objection(to: listed, at: now) == .chain(.revoked))
    }

    @Test func `a connection of an inactive agency is no caller`() throws {
        let roster = try network.roster { $0.isActive = false }
        let broker = try network.makeBroker(on: MemoryStore(), roster: roster)
        #expect(throws: Refusal(.agencyInactive, at: .authenticate, LocalizedText("", ""))) {
            try network.caller(network.police, of: broker)
        }
    }
}
