public import SimpulCore

/// Why the client could not do what it was asked to. Its texts name files, agencies and places, never a value of a
/// message and never a secret. Two errors are equal when their codes, outcomes and places at fault are.
public struct ClientError: Error, Sendable {
    /// What the failure means for whoever called.
    public enum Outcome: Sendable {
        /// Somebody said no, and will say it again: the same attempt is of no use.
        case refused
        /// Wrong usage, a broken profile, or a broker out of reach: nothing was decided.
        case unable
    }

    /// What the failure means.
    public var outcome: Outcome
    /// A stable word for programs: one of the broker's codes, or one of the client's own.
    public var code: String
    /// What is wrong, and what to do next.
    public var detail: LocalizedText
    /// The faults of a document, each with its place.
    public var faults: [DocumentFault]
    /// The broker's own words, where it was the broker that refused.
    public var problem: ProblemDocument?

    /// An error.
    public init(
        _ outcome: Outcome, _ code: String, _ detail: LocalizedText, faults: [DocumentFault] = [],
        problem: ProblemDocument? = nil
    ) {
        self.outcome = outcome
        self.code = code
        self.detail = detail
        self.faults = faults
        self.problem = problem
    }

    /// What the client found in a document before it was sent.
    public init(_ refusal: Refusal) {
        self.init(.refused, refusal.code.rawValue, refusal.detail, faults: refusal.faults)
    }
}

extension ClientError: Equatable {
    /// Equality of code, outcome and places at fault.
    public static func == (one: ClientError, other: ClientError) -> Bool {
        one.code == other.code && one.outcome == other.outcome
            && one.faults.map(\.pointer) == other.faults.map(\.pointer)
    }
}

extension ClientError {
    /// What a failed call to the broker means.
    public init(_ error: HubError) {
        switch error {
        case .problem(let problem): self.init(problem)
        case .unreachable(let reason):
            self.init(
                .unable, "unreachable",
                LocalizedText(
                    "The broker cannot be reached: \(reason). Try again later.",
                    "Simpul tidak dapat dihubungi: \(reason). Coba lagi nanti."))
        case .unusable(let reason):
            self.init(
                .unable, "answer-unusable",
                LocalizedText(
                    "What answered does not speak as a broker does: \(reason). Check the url in the profile.",
                    "Yang menjawab tidak berbicara seperti simpul: \(reason). Periksa url dalam profil."))
        }
    }

    /// What the broker's problem document means.
    public init(_ problem: ProblemDocument) {
        let text = problem.detail.isEmpty ? problem.title : problem.detail
        self.init(
            problem.isTemporary ? .unable : .refused, problem.code, LocalizedText(text, text), faults: problem.faults,
            problem: problem)
    }
}

extension ClientError {
    /// A file that could not be read or written.
    public init(_ error: FileError) {
        let reason = error.localizedReason
        self.init(
            .unable, "file",
            LocalizedText("\(error.path): \(reason.english)", "\(error.path): \(reason.indonesian)"))
    }
}
