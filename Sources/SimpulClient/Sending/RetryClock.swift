public import SimpulCore

/// The time and the chance that retries depend on. Pauses start at a quarter of a second, double up to ten seconds, and
/// are shortened by chance to between a half and the whole, so that many clients do not come back at once.
public struct RetryClock: Sendable {
    /// The time.
    public var now: @Sendable () -> Timestamp
    /// Waits that many milliseconds; returns early where the task is cancelled.
    public var sleep: @Sendable (Int64) async -> Void
    /// A number from 0 up to 1.
    public var chance: @Sendable () -> Double

    /// The longest that one attempt may take, in seconds.
    private static let attemptSeconds: Int64 = 15
    private static let longestPause: Int64 = 10_000

    /// A clock.
    public init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Int64) async -> Void,
        chance: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.chance = chance
    }

    /// Makes attempts until one succeeds or fails for good, or the next one would start after that moment. There is
    /// always a first attempt.
    /// - Parameter attempt: takes the seconds that it may last.
    /// - Throws: what the last attempt threw.
    public func retrying<Value>(
        until deadline: Timestamp, _ attempt: (Int) async throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        var pause: Int64 = 250
        while true {
            let left = (deadline.milliseconds - now().milliseconds) / 1000
            do {
                return try await attempt(Int(min(max(1, left), Self.attemptSeconds)))
            } catch {
                let wait = wait(pause, after: error)
                guard error.isTemporary, !Task.isCancelled, now().milliseconds + wait < deadline.milliseconds else {
                    throw error
                }
                await sleep(wait)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// How long to wait before the next attempt, in milliseconds: never shorter than the broker asks for.
    private func wait(_ pause: Int64, after error: HubError) -> Int64 {
        let own = Int64(Double(pause) * (0.5 + chance() / 2))
        guard case .problem(let problem) = error, let asked = problem.retryAfter else { return own }
        return max(own, Int64(asked) * 1000)
    }
}
