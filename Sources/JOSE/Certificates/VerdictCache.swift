import NIOConcurrencyHelpers

/// Chains that were trusted, and when. Bounded: when the younger half is full the older half is dropped; what is asked
/// for again moves to the younger one.
final class VerdictCache: Sendable {
    struct Question: Hashable, Sendable {
        var certificates: [SHA256Digest]
        var purpose: TrustStore.Purpose
    }

    private struct Answer: Sendable {
        var chain: [Certificate]
        var window: Range<Int64>
    }

    private struct Halves: Sendable {
        var younger: [Question: Answer] = [:]
        var older: [Question: Answer] = [:]
    }

    private let halves = NIOLockedValueBox(Halves())
    private let half: Int

    /// - Parameter size: the most chains to keep, at least two; each costs about 200 octets besides its certificates.
    init(size: Int) {
        half = max(1, size / 2)
    }

    func chain(for question: Question, at seconds: Int64) -> [Certificate]? {
        halves.withLockedValue { halves in
            if let answer = halves.younger[question] {
                return answer.window.contains(seconds) ? answer.chain : nil
            }
            guard let answer = halves.older[question], answer.window.contains(seconds) else { return nil }
            put(answer, for: question, in: &halves)
            return answer.chain
        }
    }

    func keep(_ chain: [Certificate], for question: Question, during window: Range<Int64>) {
        guard !window.isEmpty else { return }
        halves.withLockedValue { put(Answer(chain: chain, window: window), for: question, in: &$0) }
    }

    var count: Int { halves.withLockedValue { Set($0.younger.keys).union($0.older.keys).count } }

    private func put(_ answer: Answer, for question: Question, in halves: inout Halves) {
        if halves.younger.count >= half, halves.younger[question] == nil {
            halves.older = halves.younger
            halves.younger = [:]
        }
        halves.younger[question] = answer
    }
}
