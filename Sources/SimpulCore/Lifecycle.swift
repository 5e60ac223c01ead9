/// A position in a lifecycle: a code of `state`, of a return a code of `step`.
public struct LifecycleState: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The code, as it stands in the header.
    public let rawValue: String

    /// The position of a code.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The position of a code.
    public init(stringLiteral code: String) { rawValue = code }
}

/// The table of one type of message: what it may begin with, and which state may follow which. Pure: it knows codes
/// only, and what was accepted before is told to it.
public struct Lifecycle: Sendable {
    /// What the states are states of, and so whose word moves them.
    public enum Subject: Sendable, Hashable {
        /// A message of one of these types, as one recipient answers it: each recipient has states of its own.
        case answer(to: [MessageType])
        /// A thread: any party of its newest step moves it on.
        case thread
        /// A thread that only the agency that began it moves on.
        case ownThread
    }

    /// What a step comes to.
    public enum Verdict: Sendable, Hashable {
        /// It may be taken.
        case allowed
        /// `previous` is not where things stand. Allowed are those.
        case notFromThere([LifecycleState])
        /// The step may not be taken. Allowed are those; nothing where the lifecycle has ended.
        case notAllowed([LifecycleState])
    }

    /// What the states are states of.
    public let subject: Subject
    /// What the first message may say.
    public let initial: [LifecycleState]
    /// States that are reached without a message: `previous` of the first message may name one of them.
    public let silent: [LifecycleState]
    private let steps: [LifecycleState: [LifecycleState]]

    init(
        _ subject: Subject, initial: [LifecycleState], silent: [LifecycleState] = [],
        _ steps: KeyValuePairs<LifecycleState, [LifecycleState]>
    ) {
        self.subject = subject
        self.initial = initial
        self.silent = silent
        self.steps = Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0.value) })
    }

    /// Every state of the table.
    public var states: Set<LifecycleState> { Set(steps.keys) }

    /// What may follow a state; nothing after a last one. Of nil, what may come first.
    public func steps(after state: LifecycleState?) -> [LifecycleState] {
        state.map { steps[$0] ?? [] } ?? initial
    }

    /// Judges one step.
    /// - Parameters:
    ///   - previous: where the sender says that it comes from, if it says so.
    ///   - known: what was accepted last; nil where nothing was.
    public func judge(
        _ state: LifecycleState, previous: LifecycleState?, after known: LifecycleState?
    ) -> Verdict {
        var start = known
        if let previous {
            guard known.map({ $0 == previous }) ?? silent.contains(previous) else {
                return .notFromThere(steps(after: known))
            }
            start = previous
        }
        let allowed = steps(after: start)
        return allowed.contains(state) ? .allowed : .notAllowed(allowed)
    }
}
