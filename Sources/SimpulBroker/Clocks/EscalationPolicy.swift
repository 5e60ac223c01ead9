public import SimpulCore

/// Whom a clock that has run out calls, step by step, and when the message goes back to its sender: the part of the
/// policy that is asked at the moment of the firing, and not at the acceptance.
public struct EscalationPolicy: Hashable, Sendable {
    /// The chain of each level.
    public var levels: [ClockLevel: Chain]
    /// The chain of messages that have clocks and no level: those about data protection.
    public var protection: Chain
    /// Who is told besides at the first step where a child is, or may be, concerned.
    public var child: [Target]

    /// The most steps of a chain; each may cost a signature and a leaf for every late delivery.
    public static let mostSteps = 10

    /// Who is called. The raw value stands in the policy file.
    public enum Target: String, Sendable, CaseIterable {
        /// The chief of the unit that is late, as its roster file names one; else the late agency itself.
        case chief
        /// The duty desk of the agency that is late, as its roster file names one; else the late agency itself.
        case duty
        /// The task force: active agencies with the role TF.
        case taskforce
        /// Who watches over data protection: active agencies with the role AUDIT.
        case audit
        /// The next of the message's own fallbacks. It gets the message, not a notice.
        case fallback
    }

    /// One step.
    public struct Step: Hashable, Sendable {
        /// How long after the time that ran out.
        public var after: ClockSpan
        /// Whom it calls.
        public var to: [Target]

        /// A step.
        public init(after: ClockSpan, to: [Target]) {
            self.after = after
            self.to = to
        }
    }

    /// The steps of one level.
    public struct Chain: Hashable, Sendable {
        /// In their order.
        public var steps: [Step]
        /// How long after the time that ran out the delivery is bounced.
        public var bounce: ClockSpan
        /// The law or proposal that it stands on.
        public var basis: String

        /// A chain.
        public init(_ steps: [Step], bounce: ClockSpan, basis: String) {
            self.steps = steps
            self.bounce = bounce
            self.basis = basis
        }
    }

    /// Those chains.
    public init(levels: [ClockLevel: Chain], protection: Chain, child: [Target]) {
        self.levels = levels
        self.protection = protection
        self.child = child
    }

    /// The chain of a level, or of a message without one.
    public func chain(of level: ClockLevel?) -> Chain { level.flatMap { levels[$0] } ?? protection }

    /// The chains of a policy that says nothing about them.
    public static let standard = EscalationPolicy(
        levels: [
            .first: Chain(
                [
                    Step(after: .elapsed(seconds: 0), to: [.chief]),
                    Step(after: .elapsed(seconds: 15 * 60), to: [.duty]),
                    Step(after: .elapsed(seconds: 45 * 60), to: [.taskforce, .fallback]),
                ], bounce: .elapsed(seconds: 2 * 3600),
                basis: "proposal: an hour and a quarter for the task force and the fallback"),
            .second: Chain(
                [
                    Step(after: .elapsed(seconds: 4 * 3600), to: [.chief, .duty]),
                    Step(after: .elapsed(seconds: 24 * 3600), to: [.taskforce, .fallback]),
                ], bounce: .elapsed(seconds: 48 * 3600), basis: "proposal: a day for the task force and the fallback"),
            .third: Chain(
                [
                    Step(after: .workingDays(1), to: [.chief]), Step(after: .workingDays(2), to: [.duty]),
                    Step(after: .workingDays(3), to: [.taskforce, .fallback]),
                ], bounce: .workingDays(5), basis: "proposal: one step a working day"),
        ],
        protection: Chain(
            [
                Step(after: .elapsed(seconds: 0), to: [.chief, .audit]),
                Step(after: .elapsed(seconds: 24 * 3600), to: [.duty, .audit]),
            ], bounce: .elapsed(seconds: 72 * 3600),
            basis: "proposal; UU 27/2022 (PDP) Pasal 40-41, 46: paling lambat 3x24 jam"),
        child: [.taskforce])
}
