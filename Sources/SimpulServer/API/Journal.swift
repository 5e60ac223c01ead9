internal import Logging
internal import SimpulBroker
internal import SimpulCore

/// What the operator learns of calls that went wrong: each is counted once and logged once.
struct Journal: Sendable {
    let logger: Logger
    let counters: Counters
    let readiness: Readiness
    let now: @Sendable () -> Timestamp

    /// Counts and logs a problem.
    /// - Parameter noted: what is known of the call.
    func note(_ problem: Problem, _ noted: [LogField: String?]) {
        var entry = noted
        entry[.status] = "\(problem.code.status)"
        entry[.code] = problem.code.rawValue
        entry[.stage] = problem.refusal.stage.rawValue
        entry[.message] = problem.refusal.message?.description
        entry[.diagnosis] = problem.cause ?? problem.refusal.diagnosis
        switch problem.code {
        case .internalError, .storageUnavailable:
            counters.update { $0.failures += 1 }
            if problem.code == .storageUnavailable { readiness.writeFailed(at: now()) }
            logger.record(.error, "Request failed", entry)
        default:
            // A recorded refusal was counted where it was recorded.
            if problem.receipt == nil { counters.countRefusal(problem.code) }
            logger.record(.info, "Request refused", entry)
        }
    }

    /// Logs a problem of the status socket, which counts in no agency's numbers.
    func noteStatus(_ problem: Problem, _ noted: [LogField: String?]) {
        var entry = noted
        entry[.code] = problem.code.rawValue
        entry[.diagnosis] = problem.cause ?? problem.refusal.diagnosis
        let isOwn = problem.code == .internalError || problem.code == .storageUnavailable
        logger.record(isOwn ? .error : .info, "Status request refused", entry)
    }

    /// A code that the description of the call does not list is a fault of the description; it reaches the caller
    /// all the same.
    func requireListed(_ code: ErrorCode, in codes: Set<ErrorCode>?, _ noted: [LogField: String?]) {
        guard let codes, !codes.contains(code) else { return }
        var entry = noted
        entry[.code] = code.rawValue
        logger.record(.error, "A call was refused with a code that it does not list", entry)
    }
}
