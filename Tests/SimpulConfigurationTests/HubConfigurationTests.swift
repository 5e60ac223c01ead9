import Foundation
import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import Testing

@testable import SimpulConfiguration

@Suite struct HubConfigurationTests {
    @Test func `a file that is not there is one fault`() throws {
        let scratch = try ScratchFolder()
        #expect(scratch.faults() == ["simpuld.yaml: there is no such file"])
    }

    @Test func `an empty map names every key that is missing, at once`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("hub/simpuld.yaml", "{}\n")
        let keys = ["hub", "listen", "status", "store", "trust", "tls", "sign", "log", "roster", "policy"]
        #expect(scratch.faults() == keys.map { "simpuld.yaml:1:1: the key \($0) is missing here" })
    }

    @Test(
        arguments: [
            ("port: 9443", "port: 94430", "simpuld.yaml:3:44: expected a number from 0 to 65535"),
            ("hub: id-1709.simpul", "hub: ID-1709.simpul", "simpuld.yaml:2:6: expected an id such as id-1709.simpul"),
            ("status: {", "stauts: {", "simpuld.yaml:2:1: the key status is missing here"),
            (
                "socket: status.sock", "socket: \(String(repeating: "s", count: 104))",
                "simpuld.yaml:4:19: the whole path"
            ),
            ("status.sock }", "status.sock, mode: \"0777\" }", "simpuld.yaml:4:38: expected an octal mode"),
            (
                "status.sock }", "status.sock, operators: { users: [tidak-ada] } }",
                "simpuld.yaml:4:53: expected the name or number of a user of this machine"
            ),
            (
                "status.sock }", "status.sock, admins: { groups: [65534] } }",
                "simpuld.yaml:4:51: expected the name or number of a group"
            ),
            ("status.sock }", "status.sock, admins: { user: [0] } }", "simpuld.yaml:4:42: this key is not known"),
            ("broker/sign.key", "broker/tls.key", "simpuld.yaml:7:44: this key is not the certificate's"),
            ("broker/tls.pem", "broker/sign.pem", "simpuld.yaml:6:43: this key is not the certificate's"),
            ("broker/log.key }", "broker/nix.key }", "simpuld.yaml:9:42: this file: there is no such file"),
            (
                "anchor: trust/ca.pem", "anchor: broker/tls.pem",
                "simpuld.yaml:11:13: expected a file with one certificate"
            ),
            ("policy: policy.yaml", "policy: nix.yaml", "nix.yaml: there is no such file"),
            ("roster: roster", "roster: nix", "simpuld.yaml:12:9: there is no such folder"),
            ("roster: roster", "logLevel: loud\nroster: roster", "simpuld.yaml:12:11: expected one of trace, debug"),
            ("roster: roster", "limits: { waitSeconds: 0 }\nroster: roster", "simpuld.yaml:12:24: expected a number"),
            (
                "roster: roster", "limits: { speed: 9 }\nroster: roster",
                "simpuld.yaml:12:11: this is no bound; the bounds"
            ),
        ])
    func `a faulty setting is located`(_ old: String, _ new: String, _ fault: String) throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try scratch.replace(old, with: new, in: "hub/simpuld.yaml")
        let faults = scratch.faults()
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }

    @Test func `who acts on the status socket is named or numbered, and nobody is without it`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        #expect(try scratch.load().statusRights == StatusRights())
        try scratch.replace(
            "status.sock }",
            with: "status.sock, operators: { users: [root, 1000], groups: [root] }, admins: { users: [7] } }",
            in: "hub/simpuld.yaml")
        let rights = StatusRights(operators: .init(users: [0, 1000], groups: [0]), admins: .init(users: [7]))
        #expect(try scratch.load().statusRights == rights)
    }

    @Test func `sign and log need keys of their own, and the log Ed25519`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try scratch.replace("broker/log", with: "broker/sign", in: "hub/simpuld.yaml")
        #expect(
            scratch.faults() == [
                "simpuld.yaml:9:6: tls, sign and log need a key of their own each",
                "simpuld.yaml:9:6: checkpoints are signed with Ed25519; this is another kind of key",
            ])
    }

    /// The library underneath reads these, too; the network does not take them.
    @Test(arguments: [KeyKind.p384, .p521, .ed448])
    func `a key of a kind that the protocol does not take is refused where it is named`(_ kind: KeyKind) throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        for (name, place) in [("tls", "6:42"), ("sign", "7:44"), ("log", "9:42")] {
            let old = try scratch.text("hub/broker/\(name).key")
            try scratch.replace(old, with: PrivateKey.generate(kind).pem, in: "hub/broker/\(name).key")
            let fault = "simpuld.yaml:\(place): this file: a key of a kind that is not used here"
            #expect(scratch.faults().contains(fault), "\(scratch.faults())")
        }
    }

    @Test func `certificates that do not chain to an anchor are refused`() throws {
        let (scratch, other) = (try ScratchFolder(), try ScratchFolder())
        try scratch.hub()
        _ = try other.newHub().write(to: other.path("hub"), now: .test)
        try scratch.write("hub/trust/ca.pem", try other.text("hub/trust/ca.pem"))
        #expect(scratch.faults().count == 3)
        #expect(scratch.faults().allSatisfy { $0.contains("does not chain to an anchor under trust") })
    }

    @Test func `a certificate out of date is refused`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        let later = Timestamp.test.advanced(bySeconds: 826 * 86400)
        let error = #expect(throws: ConfigurationErrors.self) {
            try HubConfiguration.load(scratch.path("hub/simpuld.yaml"), now: later)
        }
        #expect(error?.texts.count == 2)
    }

    @Test func `a key that everybody may read is refused, and no fault holds a part of it`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: scratch.path("hub/broker/sign.key"))
        try scratch.write("hub/broker/tls.key", "-----BEGIN PRIVATE KEY-----\nrahasia\n")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: scratch.path("hub/broker/tls.key"))
        let faults = scratch.faults()
        #expect(faults.count == 2)
        #expect(faults.allSatisfy { !$0.contains("rahasia") && !$0.contains("BEGIN") })
    }

    @Test func `faults of all files are reported together`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try scratch.replace("port: 9443", with: "port: x", in: "hub/simpuld.yaml")
        try scratch.replace("type: tip", with: "type: tipp", in: "hub/policy.yaml")
        try scratch.replace("roles: [IMM]", with: "roles: [imm]", in: "hub/roster/id-1709.imigrasi.yaml")
        try scratch.write("hub/roster/notes.txt", "x")
        #expect(
            Set(scratch.faults().map { $0.split(separator: ":")[0] }) == [
                "simpuld.yaml", "policy.yaml", "roster/id-1709.imigrasi.yaml", "roster/notes.txt",
            ])
    }

    @Test func `settings that are given are taken`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try scratch.replace(
            "key: broker/tls.key", with: "key: broker/tls.key, minimum: \"1.2\"", in: "hub/simpuld.yaml")
        try scratch.replace(
            "roster: roster", with: "roster: roster\nlogLevel: debug\nlimits: { waitSeconds: 7, lifetimeSeconds: 9 }",
            in: "hub/simpuld.yaml")
        let configuration = try scratch.load()
        #expect(configuration.allowsTLS12)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.limits.waitSeconds == 7 && configuration.limits.lifetimeSeconds == 9)
        #expect(configuration.limits.connections == Limits().connections)
        #expect(configuration.database == scratch.path("hub/data/simpul.sqlite"))
    }

    @Test(
        arguments: [
            ("id-1709.ngo.rumah-aman]", "id-17.polda]", "the approver id-17.polda is not in the roster"),
            ("id-1709.gugus-tugas,", "id-1709.polda,", "the approver id-1709.polda is not in the roster"),
        ])
    func `approvers have to be agencies of the roster`(_ old: String, _ new: String, _ fault: String) throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try scratch.replace(old, with: new, in: "hub/policy.yaml")
        #expect(scratch.faults().count == 1 && scratch.faults()[0].hasPrefix("policy.yaml: "), "\(scratch.faults())")
        #expect(scratch.faults()[0].contains(fault))
    }

    @Test func `a policy that names no approver is taken, and nobody can approve a change of it`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        try scratch.replace(
            "approvers: [id-1709.gugus-tugas, id-1709.ngo.rumah-aman]", with: "", in: "hub/policy.yaml")
        let settings = try scratch.load()
        #expect(settings.rules.policy.approvers == [])
        let check = RuleCheck(hub: settings.hub, rules: settings.rules, change: settings.change, now: .test)
        #expect(check.able(after: nil).isEmpty)
    }

    @Test func `an approver needs a sign certificate, and a retired one is enough to be read`() throws {
        let scratch = try ScratchFolder()
        try scratch.hub()
        let file = "hub/roster/id-1709.ngo.rumah-aman.yaml"
        try scratch.replace("use: sign\n", with: "use: sign\n    retired: true\n", in: file)
        #expect(scratch.faults() == [])
        let text = try scratch.text(file)
        let start = try #require(text.range(of: "  - use: sign"))
        let end = try #require(text.range(of: "  - use: seal"))
        let seal = try #require(text.range(of: "    endorsement"))
        try scratch.write(file, String(text[..<start.lowerBound] + text[end.lowerBound..<seal.lowerBound]))
        #expect(scratch.faults().count == 1, "\(scratch.faults())")
        #expect(scratch.faults().first?.contains("has no sign certificate in the roster") == true)
    }

    @Test func `the change beside the policy is read as it is, and never a fault`() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("hub/policy.change")
        #expect(try scratch.hub().change == ChangeDocument(path: path, content: .failure(.missing)))
        try scratch.write("hub/policy.change", "anything")
        #expect(try scratch.load().change == ChangeDocument(path: path, content: .success(Array("anything".utf8))))
        try scratch.write("hub/policy.change", String(repeating: " ", count: ChangeFile.mostOctets + 1))
        #expect(try scratch.load().change == ChangeDocument(path: path, content: .failure(.tooLarge)))
    }

    @Test func `drafts are read in place of the files that the settings name`() throws {
        let scratch = try ScratchFolder()
        let hub = try scratch.hub()
        try FileManager.default.copyItem(atPath: scratch.path("hub/roster"), toPath: scratch.path("roster"))
        try scratch.write("draft.yaml", try scratch.text("hub/policy.yaml") + "# changed\n")
        try scratch.replace("roles: [IMM]", with: "roles: [IMM, LAB]", in: "roster/id-1709.imigrasi.yaml")
        let drafts = HubConfiguration.Drafts(policy: scratch.path("draft.yaml"), roster: scratch.path("roster"))
        let drafted = try HubConfiguration.load(scratch.path("hub/simpuld.yaml"), drafts: drafts, now: .test)
        let authority = Authority(drafted.rules)
        #expect(authority != Authority(hub.rules) && drafted.change == hub.change)
        #expect(
            try Authority(policy: scratch.path("draft.yaml"), roster: scratch.path("roster")) == authority,
            "an approver reads the same without the settings")
    }

    @Test func `every bound of the core can be changed by its name`() {
        let names = Mirror(reflecting: Limits()).children.compactMap(\.label).sorted()
        #expect(Limits.names == names)
    }
}
