internal import SimpulCore

extension RetryClock {
    /// Makes attempts until one succeeds or fails for good, or nothing has got on for that long.
    /// - Parameter place: how far it is.
    func goingOn(
        forSeconds patience: Int64, from place: () -> Int, _ attempt: () async throws(HubError) -> Void
    ) async throws(HubError) {
        var (best, pause, deadline) = (place(), Int64(250), now().advanced(bySeconds: patience))
        while true {
            do {
                return try await attempt()
            } catch {
                if place() > best { (best, pause, deadline) = (place(), 250, now().advanced(bySeconds: patience)) }
                guard error.goesOn, !Task.isCancelled, now() < deadline else { throw error }
                await sleep(max(Int64(Double(pause) * (0.5 + chance() / 2)), error.askedMilliseconds))
                pause = min(pause * 2, 10_000)
            }
        }
    }
}

extension HubError {
    /// Whether the same transfer may go on: also where another one has moved its end.
    fileprivate var goesOn: Bool {
        if case .problem(let problem) = self, problem.code == ErrorCode.offsetMismatch.rawValue { return true }
        return isTemporary
    }

    /// How long the broker asks to wait.
    fileprivate var askedMilliseconds: Int64 {
        guard case .problem(let problem) = self else { return 0 }
        return Int64(problem.retryAfter ?? 0) * 1000
    }
}
