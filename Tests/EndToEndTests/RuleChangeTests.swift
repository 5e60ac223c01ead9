import Foundation
import Glibc
import JOSE
import SimpulClient
import SimpulCore
import SimpulEnvelope
import Testing

/// Changes of policy and roles with the real programs: by whom they come into force, and by whom not.
@Suite struct RuleChangeTests {
    private let facilitator = "id-1709.desa-fasilitator"
    private let approvers = ["id-1709.gugus-tugas", "id-1709.ngo.rumah-aman"]

    private func simpul(_ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", arguments)
    }

    private func status(_ hub: RunningHub) async throws -> Programs.Ended {
        try await simpul("policy", "status", "--json", "--config", hub.path("simpuld.yaml"))
    }

    /// Changes the policy file.
    private func edit(_ hub: RunningHub, _ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: hub.path("policy.yaml"), encoding: .utf8)
        try #require(text.contains(old))
        try text.replacingOccurrences(of: old, with: new)
            .write(toFile: hub.path("policy.yaml"), atomically: true, encoding: .utf8)
    }

    private func propose(_ hub: RunningHub) async throws {
        let proposed = try await simpul(
            "policy", "propose", "--config", hub.path("simpuld.yaml"), "--reason", "CONTOH FIKTIF")
        try #require(proposed.code == 0, "\(proposed.error)")
    }

    private func approve(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run(
            "simpul", ["--profile", hub.profile(agency), "policy", "approve", hub.path("policy.change")] + arguments)
    }

    /// Whether the rules in force let a facilitator send a report to the protection unit, which those of a new hub do not.
    private func isTaken(_ hub: RunningHub) async throws -> Bool {
        let sender = try hub.agency(facilitator)
        let report = try Report(from: sender, to: "id-1709.uptd-ppa")
        let outcome = try await sender.hub.submit(report.envelope, seconds: 10)
        await sender.hub.close()
        if case .receipt = outcome { return true }
        return false
    }

    private func reload(_ hub: RunningHub, until line: String, times: Int = 1) async throws {
        kill(hub.pid, SIGHUP)
        for _ in 0..<600 {
            let log = try String(contentsOfFile: hub.path("daemon.log"), encoding: .utf8)
            if log.components(separatedBy: line).count > times { return }
            // Asked for the time that it takes.
            _ = try await status(hub)
        }
        throw HubTrouble(what: "the daemon did not say: \(line)")
    }

    @Test(.timeLimit(.minutes(2)))
    func `a changed policy comes into force with two approvals and not before, and the log proves it`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        #expect(try await !isTaken(hub))
        try edit(hub, "to: [TF]", "to: [TF, UPTD]")
        try await reload(hub, until: "Reload refused")
        #expect(try await !isTaken(hub), "the old rules are in force")

        try await propose(hub)
        let reading = ["--policy", hub.path("policy.yaml"), "--roster", hub.path("roster")]
        let first = try await Programs.run(
            "simpul",
            ["--profile", hub.profile(approvers[0]), "policy", "approve", hub.path("policy.change")] + reading)
        #expect(first.code == 0 && first.output.contains("CONTOH FIKTIF"), "\(first.error)")
        try await reload(hub, until: "Reload refused", times: 2)
        #expect(try await !isTaken(hub), "one is not enough")
        #expect(try await status(hub).code == 1)

        #expect(try await approve(hub, approvers[0]).code == 1, "nobody signs twice")
        #expect(try await approve(hub, approvers[1]).code == 0)
        try await reload(hub, until: "Roster and policy reloaded")
        #expect(try await isTaken(hub))
        let recorded = try await status(hub)
        #expect(recorded.code == 0 && recorded.output.contains("\"state\":\"recorded\""), "\(recorded.output)")
        let audit = try await simpul("audit", "verify", "--config", hub.path("simpuld.yaml"))
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
        #expect(await hub.terminate(within: .seconds(5)) == 0)
        try await hub.start()
        #expect(try await isTaken(hub), "a restart needs nothing more")
    }

    @Test(.timeLimit(.minutes(2)))
    func `with a role that nobody approved the daemon does not start, and says what to do`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        #expect(await hub.terminate(within: .seconds(5)) == 0)
        let file = hub.path("roster/\(facilitator).yaml")
        let roster = try String(contentsOfFile: file, encoding: .utf8)
        try roster.replacingOccurrences(of: "[FACILITATOR]", with: "[FACILITATOR, POL]")
            .write(toFile: file, atomically: true, encoding: .utf8)
        for arguments in [[], ["--check-config"]] {
            let ended = try await Programs.run("simpuld", ["--config", hub.path("simpuld.yaml")] + arguments)
            #expect(ended.code == 2 && ended.error.contains("simpul policy approve"), "\(ended.error)")
        }
        try roster.write(toFile: file, atomically: true, encoding: .utf8)
        try await hub.start()
    }

    @Test(.timeLimit(.minutes(2)))
    func `a renewed certificate is listed and signs without asking anybody`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let issuer = try Certificate(pem: String(contentsOfFile: hub.path("trust/ca.pem"), encoding: .utf8))
        let issuing = try PrivateKey(pem: String(contentsOfFile: hub.path("trust/ca.key"), encoding: .utf8))
        let key = PrivateKey.generate(.p256)
        let template = CertificateTemplate(
            commonName: facilitator, notBefore: issuer.notBefore, notAfter: Timestamp.now.seconds + 3600)
        let renewed = try CertificateAuthority.issue(template, for: key.publicKey, issuer: issuer, key: issuing)
        let file = hub.path("roster/\(facilitator).yaml")
        let pem = renewed.pem.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
        let roster = try String(contentsOfFile: file, encoding: .utf8)
        try (roster + "  - use: sign\n    pem: |\n\(pem)\n").write(toFile: file, atomically: true, encoding: .utf8)
        try await reload(hub, until: "Roster and policy reloaded")
        let agency = try hub.agency(facilitator)
        let identity = try #require(
            SigningIdentity(agency: agency.profile.agency, certificate: renewed, key: key))
        let report = try Report(from: agency, signedBy: identity, to: "id-1709.gugus-tugas")
        guard case .receipt = try await agency.hub.submit(report.envelope, seconds: 10) else {
            Issue.record("the renewed certificate does not count")
            return
        }
        await agency.hub.close()
        #expect(try await status(hub).output.contains("\"state\":\"recorded\""))
    }

    @Test(.timeLimit(.minutes(2)))
    func `an agency is suspended and a certificate retired without asking anybody`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let file = hub.path("roster/\(facilitator).yaml")
        let roster = try String(contentsOfFile: file, encoding: .utf8)
        try roster.replacingOccurrences(of: "use: seal\n", with: "use: seal\n    retired: true\n")
            .replacingOccurrences(of: "certificates:", with: "active: false\ncertificates:")
            .write(toFile: file, atomically: true, encoding: .utf8)
        try await reload(hub, until: "Roster and policy reloaded")
        let agency = try hub.agency(facilitator)
        await #expect(throws: (any Error).self) { try await agency.hub.whoami() }
        await agency.hub.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func `a proposal is shown without a signature, and refused where it is for other rules`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let drafts = hub.path("draft.yaml")
        try (String(contentsOfFile: hub.path("policy.yaml"), encoding: .utf8) + "# CONTOH\n")
            .write(toFile: drafts, atomically: true, encoding: .utf8)
        let proposed = try await simpul(
            "policy", "propose", "--config", hub.path("simpuld.yaml"), "--policy", drafts, "--reason", "x")
        #expect(proposed.code == 0, "\(proposed.error)")
        let before = try Data(contentsOf: URL(filePath: hub.path("policy.change")))
        #expect(try await approve(hub, approvers[0], "--show").code == 0)
        let refused = try await approve(
            hub, approvers[0], "--policy", hub.path("policy.yaml"), "--roster", hub.path("roster"))
        #expect(refused.code == 1 && refused.error.contains("other rules"), "\(refused.error)")
        #expect(try Data(contentsOf: URL(filePath: hub.path("policy.change"))) == before)
        #expect(try await approve(hub, approvers[0]).code == 0)
        let again = try await simpul("policy", "propose", "--config", hub.path("simpuld.yaml"), "--reason", "x")
        #expect(again.code == 1 && again.error.contains("remove it first"), "approvals are not lost")
    }
}
