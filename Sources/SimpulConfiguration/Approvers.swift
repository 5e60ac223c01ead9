internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope
internal import StrictYAML

/// The approvers of changes: what the policy file says, held against the roster.
enum Approvers {
    /// Notes each that could not approve anything, because the roster gives it no `sign` certificate. A policy that names
    /// nobody is taken: its rules are final. Whether a certificate may be used now is not asked: one that is lost must
    /// not stand in the way of its retirement.
    static func check(_ policy: Policy, _ roster: Roster, _ faults: YAMLFaults, file: String) {
        func fault(_ text: String) { faults.add(YAMLFault(file: file, text: text)) }
        for approver in policy.approvers {
            guard let agency = roster.agencies[approver] else {
                fault("the approver \(approver) is not in the roster")
                continue
            }
            if !agency.certificates.contains(where: { $0.use == .sign }) {
                fault(
                    "the approver \(approver) has no sign certificate in the roster; list one, or mark the lost one retired"
                )
            }
        }
    }
}

extension YAMLNode {
    /// From two different agencies to the most that may approve.
    func agencies() -> [AgencyID]? {
        var seen: Set<AgencyID> = []
        return list(atLeast: ApprovalCheck.needed, atMost: RuleChange.mostApprovers) { node in
            let id = node.value("an agency id", AgencyID.init)
            if let id, !seen.insert(id).inserted { node.fault("this agency is there twice") }
            return id
        }
    }
}

extension ChangeDocument {
    /// Looks for the change of a policy file: beside it, called like it, with the ending `.change`.
    init(besidePolicy policy: String) {
        let stem = [".yaml", ".yml"].first(where: policy.hasSuffix).map { String(policy.dropLast($0.count)) } ?? policy
        let path = stem + ".change"
        do {
            self.init(path: path, content: .success(try BoundedFile.read(path, atMost: ChangeFile.mostOctets)))
        } catch {
            let fault: ChangeFault =
                switch error {
                case .notFound: .missing
                case .tooLarge: .tooLarge
                case .denied, .notRegular, .exposed, .failed: .unreadable
                }
            self.init(path: path, content: .failure(fault))
        }
    }
}
