internal import SimpulCore

/// what identifies or endangers somebody is passed on to nobody (FIRST TLP 2.0).
enum Disclosure {
    /// Classes P3 and P4 are labelled `RED` or `AMBER+STRICT`.
    static func sensitiveIsRedOrAmberStrict(_ subject: RuleSubject, _: RoleLookup, _ faults: inout RuleFaults) {
        let header = subject.header
        guard header.privacy.mustBeSealed, header.trafficLight != .red, header.trafficLight != .amberStrict else {
            return
        }
        faults.add(
            "/header/tlp", "Classes P3 and P4 are RED or AMBER+STRICT.",
            "Kelas P3 dan P4 berlabel RED atau AMBER+STRICT."
        )
    }
}
