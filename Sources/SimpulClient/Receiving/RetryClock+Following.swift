internal import SimpulCore

extension RetryClock {
    /// The longest pause of ``following(isStreaming:note:_:)``, in milliseconds, but for chance.
    static let longestFollowingPause: Int64 = 30_000

    /// Asks again and again until the task is cancelled, or the broker refuses: by streams, or call by call where it has
    /// no streams (404). A broker out of reach is waited for, with growing pauses.
    /// - Parameters:
    ///   - isStreaming: whether to begin with streams.
    ///   - note: told of each failure that is waited out.
    ///   - round: one stream to its end, or one call; says whether it gave anything.
    /// - Throws: what `round` throws, unless it is temporary.
    public func following(
        isStreaming: Bool, note: (HubError) -> Void, _ round: (_ isStream: Bool) async throws -> Bool
    ) async throws {
        var isStreaming = isStreaming
        var pause: Int64 = 500
        while !Task.isCancelled {
            let began = now()
            do {
                let hasGiven = try await round(isStreaming)
                guard isStreaming else {
                    pause = 500
                    continue
                }
                // An end of the stream without an error is one that the broker gave; it may be there again at once.
                if hasGiven || now() > began.advanced(bySeconds: 30) { pause = 500 }
            } catch HubError.problem(let problem) where isStreaming && problem.status == 404 {
                isStreaming = false
                continue
            } catch let error as HubError where error.isTemporary {
                guard !Task.isCancelled else { return }
                if now() > began.advanced(bySeconds: 30) { pause = 500 }
                note(error)
            }
            await sleep(Int64(Double(pause) * (0.5 + chance() / 2)))
            pause = min(pause * 2, Self.longestFollowingPause)
        }
    }
}
