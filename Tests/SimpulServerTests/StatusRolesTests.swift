import Glibc
import SimpulBroker
import SimpulCore
import Testing

@testable import SimpulServer

/// Who may make which call of the status socket.
@Suite struct StatusRolesTests {
    /// No user of a machine that runs tests: its groups are the ones that the test says.
    private let nobody: UInt32 = 4_000_000_001

    private func gate(_ rights: StatusRights = StatusRights()) -> StatusGate {
        StatusGate(rights, daemon: 4_000_000_002)
    }

    private func peer(group: UInt32 = 4_000_000_003) -> LocalPeer { LocalPeer(user: nobody, group: group) }

    @Test func `nobody acts who is not named, nor a peer whom the system does not name`() async throws {
        for peer in [peer(), nil] {
            #expect(try await gate().admit(peer, for: .viewer).role == .viewer)
            for role in [StatusRole.operator, .admin] {
                await #expect(throws: Refusal.self) { try await gate().admit(peer, for: role) }
            }
        }
    }

    @Test func `whom the kernel cannot name has no rights, though the broker runs as the same number`() {
        let overflow = StatusRights.Members.overflow
        for groups in [Set<UInt32>(), [0], [overflow]] {
            let rights = StatusRights(operators: .init(users: [overflow]), admins: .init(users: [overflow]))
            #expect(rights.role(of: overflow, groups: groups, brokerRunsAs: overflow) == .viewer)
            #expect(rights.role(of: 5000, groups: groups, brokerRunsAs: 5000) == .admin)
        }
    }

    @Test func `an operator acts, and does not what admins do`() async throws {
        let gate = gate(StatusRights(operators: .init(users: [nobody])))
        #expect(try await gate.admit(peer(), for: .operator) == OperationBy(uid: nobody, user: nil, role: .operator))
        do {
            _ = try await gate.admit(peer(), for: .admin)
            Issue.record("an operator is let through")
        } catch let refusal as Refusal {
            #expect(refusal.code == .roleDenied)
            #expect(refusal.detail.english.contains("admin"))
        }
    }

    @Test func `a group is as good as a name`() async throws {
        let gate = gate(StatusRights(admins: .init(groups: [4_000_000_003])))
        #expect(try await gate.admit(peer(), for: .admin).role == .admin)
        await #expect(throws: Refusal.self) { try await gate.admit(peer(group: 4_000_000_004), for: .operator) }
    }

    @Test func `the machine's tables name root and root's groups`() async throws {
        let account = try await LocalPeer(user: 0, group: 0).account()
        #expect(account.name == "root")
        #expect(account.groups.contains(0))
        #expect(try await gate().admit(LocalPeer(user: 0, group: 0), for: .admin).user == "root")
    }

    @Test func `what an operator paused is resumed, and a stop is not`() throws {
        let readiness = Readiness()
        readiness.pause()
        #expect(throws: Refusal.draining) { try readiness.requireOpen() }
        readiness.resume()
        try readiness.requireOpen()
        readiness.stop()
        readiness.resume()
        #expect(readiness.isDraining)
    }
}
