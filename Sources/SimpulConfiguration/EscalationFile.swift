internal import SimpulBroker
internal import SimpulCore
internal import StrictYAML

/// Reads `escalation` of the section `clocks`: each chain that it has stands in place of the same one of the standard.
enum EscalationFile {
    static func read(_ node: YAMLNode) -> EscalationPolicy? {
        node.map { map in
            var policy = EscalationPolicy.standard
            for level in ClockLevel.allCases {
                if let chain = map.optional(level.name)?.chain(of: level) { policy.levels[level] = chain }
            }
            if let chain = map.optional("protection")?.chain(of: nil) { policy.protection = chain }
            if let child = map.optional("child") {
                policy.child = child.targets(atLeast: 0) ?? []
                if policy.child.contains(.fallback) { child.fault("a fallback is called by a step of a chain") }
            }
            return policy
        }
    }
}

extension YAMLNode {
    fileprivate func chain(of level: ClockLevel?) -> EscalationPolicy.Chain? {
        map { map in
            let place = map.required("steps")
            let steps = place?.list(atMost: EscalationPolicy.mostSteps) { $0.step(of: level) }
            let bounce = map.required("bounce")?.pause(of: level)
            guard let basis = map.basis(), let steps, let bounce else { return nil }
            let spans = steps.map(\.after) + [bounce]
            if zip(spans, spans.dropFirst()).contains(where: { $0.isKnownToBeLonger(than: $1) }) {
                place?.fault("each step, and bounce behind them, comes no earlier than the one before it")
            }
            return EscalationPolicy.Chain(steps, bounce: bounce, basis: basis)
        }
    }

    private func step(of level: ClockLevel?) -> EscalationPolicy.Step? {
        map { map in
            let after = map.required("after")?.pause(of: level)
            let targets = map.required("to")?.targets(atLeast: 1)
            guard let after, let targets else { return nil }
            return EscalationPolicy.Step(after: after, to: targets)
        }
    }

    fileprivate func targets(atLeast least: Int) -> [EscalationPolicy.Target]? {
        let known = EscalationPolicy.Target.allCases
        return list(atLeast: least, atMost: known.count) {
            $0.value("one of \(known.map(\.rawValue).joined(separator: ", "))", EscalationPolicy.Target.init)
        }
    }

    /// A span that may be none.
    private func pause(of level: ClockLevel?) -> ClockSpan? {
        let span = value("a span such as 0m, 30s, 15m, 4h, 3d or 1wd, at most 366d or 60wd") { text in
            text == "0m" ? ClockSpan.elapsed(seconds: 0) : ClockSpan(text)
        }
        if level == .first, case .workingDays? = span { fault("L1 knows no calendar; write it in m, h or d") }
        return span
    }
}

extension ClockSpan {
    /// Elapsed time and working days are not compared: how long a working day is depends on when it begins.
    fileprivate func isKnownToBeLonger(than other: ClockSpan) -> Bool {
        switch (self, other) {
        case (.elapsed(let one), .elapsed(let another)): one > another
        case (.workingDays(let one), .workingDays(let another)): one > another
        default: false
        }
    }
}
