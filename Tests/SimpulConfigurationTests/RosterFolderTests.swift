import Foundation
import JOSE
import SimpulBroker
import SimpulCore
import Testing

@testable import SimpulConfiguration

@Suite struct RosterFolderTests {
    private let scratch: ScratchFolder
    private let file = "hub/roster/id-1709.ngo.rumah-aman.yaml"

    init() throws {
        scratch = try ScratchFolder()
        try scratch.hub()
    }

    @Test(
        arguments: [
            (
                "id: id-1709.ngo.rumah-aman", "id: id-1709.ngo.other",
                ":1:5: the file must be called as the agency: <id>.yaml"
            ),
            ("name: {", "nama: {", ":1:1: the key name is missing here"),
            ("roles: [NGO]", "roles: []", ":3:8: expected 1 to 32 elements"),
            ("roles: [NGO]", "roles: [NGO]\nactive: maybe", ":4:9: expected true or false"),
            ("roles: [NGO]", "roles: [NGO]\npush: http://a.example/", ":4:7: expected https://host"),
            ("roles: [NGO]", "roles: [NGO]\npush: https://a@b.example/", ":4:7: expected https://host"),
            ("roles: [NGO]", "roles: [NGO]\npush: https://a.example/#x", ":4:7: expected https://host"),
            ("roles: [NGO]", "roles: [NGO]\npush: https://10.1.2.3/", ":4:7: this address is not public"),
            (
                "roles: [NGO]", "roles: [NGO]\npush: https://224.0.0.1/\npushPrivateAddresses: true",
                ":4:7: no host has this address"
            ),
            ("roles: [NGO]", "roles: [NGO]\npushPrivateAddresses: true", ":4:23: this says something about push"),
            (
                "roles: [NGO]", "roles: [NGO]\npush: https://a.example/\npushPrivateAddresses: maybe",
                ":5:23: expected true or false"
            ),
            ("use: sign", "use: seal", ":10: a seal certificate needs a P-256 key"),
            ("use: seal", "use: tls", ":10: a tls certificate needs the extended key usage clientAuth"),
            ("use: seal", "use: sign", ":10: a sign certificate needs the key usage digitalSignature"),
            ("use: tls", "use: push", ":5:10: expected tls, sign or seal"),
            ("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----", ":6:10: expected one certificate in PEM"),
            ("endorsement: ey", "endorsement: xx", ": this is no endorsement by a sign certificate of this file"),
            (
                "endorsement:", "from: yesterday\n    endorsement:",
                ": expected a time such as 2026-01-31T08:00:00+07:00"
            ),
        ])
    func `a faulty entry is located in its file`(_ old: String, _ new: String, _ fault: String) throws {
        try scratch.replace(old, with: new, in: file)
        let faults = scratch.faults()
        #expect(
            faults.contains { $0.hasPrefix("roster/id-1709.ngo.rumah-aman.yaml") && $0.contains(fault) }, "\(faults)")
    }

    @Test func `where deliveries are pushed to is read`() throws {
        try scratch.replace(
            "roles: [NGO]", with: "roles: [NGO]\npush: https://10.1.2.3:8443/simpul\npushPrivateAddresses: true",
            in: file)
        let agency = try #require(AgencyID("id-1709.ngo.rumah-aman"))
        let roster = try scratch.load().rules.roster
        let endpoint = try #require(roster.pushed[agency])
        #expect(endpoint.description == "https://10.1.2.3:8443/simpul" && endpoint.allowsPrivateAddresses)
        #expect(roster.pushed.count == 1)
    }

    @Test func `who pushes needs a certificate for TLS clients as well`() throws {
        let issuer = try Certificate(pem: scratch.text("hub/trust/ca.pem"))
        let key = try PrivateKey(pem: scratch.text("hub/broker/tls.key"))
        let template = CertificateTemplate(
            commonName: "id-1709.simpul", names: [.dns("hub.example.id")], extendedUsages: [.serverAuth],
            notBefore: issuer.notBefore, notAfter: issuer.notAfter)
        let serverOnly = try CertificateAuthority.issue(
            template, for: key.publicKey, issuer: issuer, key: PrivateKey(pem: scratch.text("hub/trust/ca.key")))
        try scratch.write("hub/broker/tls.pem", serverOnly.pem)
        #expect(scratch.faults() == [])
        try scratch.replace("roles: [NGO]", with: "roles: [NGO]\npush: https://a.example/", in: file)
        #expect(
            scratch.faults() == [
                "simpuld.yaml:6:6: the roster has agencies with push, so this certificate needs the usage clientAuth as well"
            ])
    }

    @Test func `a certificate of two agencies, and the broker's own id with another role, are refused`() throws {
        let text = try scratch.text(file)
        try scratch.write(
            "hub/roster/id-1709.simpul.yaml",
            text.replacingOccurrences(of: "id: id-1709.ngo.rumah-aman", with: "id: id-1709.simpul"))
        let faults = scratch.faults()
        #expect(faults.filter { $0.contains("occurs twice") }.count == 3)
        #expect(
            faults.contains("simpuld.yaml:12:9: id-1709.simpul: the role BROKER and no other is the broker's"))
        #expect(faults.contains { $0.hasSuffix("this endorses another certificate") })
    }

    @Test func `nobody but the broker has the role BROKER`() throws {
        try scratch.replace("roles: [NGO]", with: "roles: [BROKER]", in: file)
        let faults = scratch.faults()
        #expect(faults.contains { $0.contains("only the broker's own id has the role BROKER") }, "\(faults)")
        #expect(faults.contains { $0.contains("has no seal certificate") }, "\(faults)")
    }

    @Test func `whom to ask about data protection is read, and is one line`() throws {
        try scratch.replace("roles: [NGO]", with: "roles: [NGO]\ndataProtection: \"PDP desk, +62000000009\"", in: file)
        let shelter = try #require(AgencyID("id-1709.ngo.rumah-aman"))
        let roster = try scratch.load().rules.roster
        #expect(roster.activeAgency(shelter)?.dataProtection == "PDP desk, +62000000009")
        let listed = Directory(broker: shelter, certificates: []).one(shelter, in: roster)
        #expect(listed?["dataProtection"] == .string("PDP desk, +62000000009"))
        let others = try #require(AgencyID("id-1709.imigrasi"))
        #expect(Directory(broker: shelter, certificates: []).one(others, in: roster)?["dataProtection"] == nil)
        try scratch.replace("PDP desk", with: String(repeating: "x", count: 200), in: file)
        #expect(scratch.faults().contains { $0.contains("one line of at most 200 characters") })
    }

    @Test func `an agency's quota is read, and what it does not name is everybody's`() throws {
        try scratch.replace(
            "roles: [NGO]", with: "roles: [NGO]\nquota: { messagesPerSecond: 5, queued: 1000 }", in: file)
        let roster = try scratch.load().rules.roster
        let shelter = try #require(AgencyID("id-1709.ngo.rumah-aman").flatMap { roster.activeAgency($0) })
        #expect(shelter.quota == AgencyQuota(messagesPerSecond: 5, queued: 1000))
        let police = try #require(AgencyID("id-1709.polres.ppa").flatMap { roster.activeAgency($0) })
        #expect(police.quota == AgencyQuota())
        try scratch.replace("queued: 1000", with: "queued: 0", in: file)
        #expect(!scratch.faults().isEmpty)
        try scratch.replace("queued: 0", with: "messages: 7", in: file)
        #expect(scratch.faults().contains { $0.contains("messages") })
    }

    @Test func `what an agency narrows is read`() throws {
        try scratch.replace(
            "roles: [NGO]",
            with:
                "roles: [NGO]\ngroups: { partners: [id-1709.uptd-ppa] }\naccepts: { referral: [\"@partners\"], tip: [] }",
            in: file)
        let roster = try scratch.load().rules.roster
        let shelter = try #require(AgencyID("id-1709.ngo.rumah-aman").flatMap { roster.activeAgency($0) })
        let partners = try #require(GroupName("partners"))
        #expect(shelter.accepts == [.referral: Parties(roles: [], groups: [partners]), .tip: Parties(roles: [])])
        #expect(shelter.groups.keys.map(\.description) == ["partners"])
    }

    @Test(
        arguments: [
            ("accepts: { referral: [\"@strangers\"] }", "accepts from the group strangers, which neither"),
            ("groups: { partners: [id-1709.nobody] }", "has id-1709.nobody in a group, which the roster does not have"),
            ("accepts: { rumour: [POL] }", "expected one of alert"),
            ("accepts: { tip: [pol] }", "expected a role (2 to 16 capital letters, such as POL), or a group"),
        ])
    func `a narrowing that speaks of nobody is a fault`(_ line: String, _ fault: String) throws {
        try scratch.replace("roles: [NGO]", with: "roles: [NGO]\n\(line)", in: file)
        let faults = scratch.faults()
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    @Test func `a group of the policy with an agency that nobody lists is a fault`() throws {
        try scratch.replace(
            "\nrules:\n", with: "\ngroups: { pilot: [id-1709.nobody] }\nrules:\n", in: "hub/policy.yaml")
        let faults = scratch.faults()
        #expect(faults.contains { $0.contains("the group pilot has id-1709.nobody") }, "\(faults)")
    }

    @Test func `hidden files are left alone, every other name is a fault`() throws {
        try scratch.write("hub/roster/.notes.swp", "x")
        #expect(scratch.faults().isEmpty)
        try scratch.write("hub/roster/id-1709.ngo.rumah-aman.yml", "x")
        #expect(
            scratch.faults() == [
                "roster/id-1709.ngo.rumah-aman.yml: only files called <agency id>.yaml belong into the roster"
            ])
    }

    @Test func `the digest is what sha256sum of the files, summed again, gives`() throws {
        let names = try scratch.names("hub/roster")
        let lines = try names.map { name in
            "\(SHA256.hash(Array(try scratch.text("hub/roster/" + name).utf8)).hex)  \(name)\n"
        }
        let digest = try scratch.load().rules.roster.digest
        #expect(digest.description == "sha-256:" + SHA256.hash(Array(lines.joined().utf8)).hex)
        try scratch.replace("en: \"Safe House\"", with: "en: \"Safe house\"", in: file)
        #expect(try scratch.load().rules.roster.digest != digest)
    }

    @Test func `an agency may stand apart, and a certificate be retired`() throws {
        try scratch.replace("roles: [NGO]", with: "roles: [NGO]\nactive: false\nallowRS256: true", in: file)
        try scratch.replace("- use: tls", with: "- retired: true\n    use: tls", in: file)
        let agency = try #require(AgencyID("id-1709.ngo.rumah-aman"))
        let roster = try scratch.load().rules.roster
        #expect(roster.activeAgency(agency) == nil)
        #expect(roster.agencies[agency]?.allowsRS256 == true)
        #expect(roster.agencies[agency]?.certificates.map(\.isRetired) == [true, false, false])
    }
}
