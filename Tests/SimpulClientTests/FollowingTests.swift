import NIOConcurrencyHelpers
import SimpulCore
import StrictJSON
import Testing

@testable import SimpulClient

/// How a client follows its inbox: by streams, or call by call where there are none.
@Suite struct FollowingTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private static func problem(_ status: Int, temporary: Bool = false) -> HubError {
        .problem(ProblemDocument(status: status, code: "test", title: "", isTemporary: temporary))
    }

    private enum Step {
        case gives, ends, fails(HubError)
    }

    /// What was asked for, by stream or not, until the script was over; and every pause.
    private func follow(
        _ script: [Step], isStreaming: Bool = true
    ) async throws -> (rounds: [Bool], pauses: [Int64], notes: Int) {
        struct Over: Error {}
        let (clock, sleeps) = fixture.clock()
        var (rounds, notes): ([Bool], Int) = ([], 0)
        do {
            try await clock.following(isStreaming: isStreaming, note: { _ in notes += 1 }) { isStream in
                guard rounds.count < script.count else { throw Over() }
                rounds.append(isStream)
                switch script[rounds.count - 1] {
                case .gives: return true
                case .ends: return false
                case .fails(let error): throw error
                }
            }
        } catch is Over {}
        return (rounds, sleeps.withLockedValue { $0 }, notes)
    }

    @Test func `a broker that has no stream is asked call by call, at once and from then on`() async throws {
        let run = try await follow([.fails(Self.problem(404)), .gives, .ends, .gives])
        #expect(run.rounds == [true, false, false, false])
        #expect(run.pauses.isEmpty && run.notes == 0)
    }

    @Test func `a broker that is away for a while is asked for a stream again`() async throws {
        let run = try await follow([
            .gives, .fails(.unreachable("")), .fails(Self.problem(503, temporary: true)), .gives,
        ])
        #expect(run.rounds == [true, true, true, true])
        #expect(run.pauses == [500, 1000, 2000, 500] && run.notes == 2)
    }

    @Test func `call by call it waits for nothing while the broker answers`() async throws {
        let run = try await follow([.ends, .ends, .fails(.unreachable("")), .ends], isStreaming: false)
        #expect(run.rounds == [false, false, false, false])
        #expect(run.pauses == [500])
    }

    @Test func `pauses grow to a bound`() async throws {
        let run = try await follow(Array(repeating: .fails(.unreachable("")), count: 12))
        #expect(run.pauses.prefix(3) == [500, 1000, 2000])
        #expect(run.pauses.max() == RetryClock.longestFollowingPause)
    }

    @Test(arguments: [(403, true), (401, true), (404, false)])
    func `a refusal ends it, and a call that is not there, too`(status: Int, isStreaming: Bool) async throws {
        await #expect(throws: HubError.self) {
            try await follow([.fails(Self.problem(status)), .gives], isStreaming: isStreaming)
        }
    }

    @Test func `whoever is cancelled asks nothing more`() async throws {
        let (clock, sleeps) = fixture.clock()
        let rounds = NIOLockedValueBox(0)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.following(isStreaming: true, note: { _ in }) { _ in
                rounds.withLockedValue { $0 += 1 }
                return true
            }
        }
        try await task.value
        #expect(rounds.withLockedValue { $0 } == 0 && sleeps.withLockedValue { $0 } == [])
    }
}
