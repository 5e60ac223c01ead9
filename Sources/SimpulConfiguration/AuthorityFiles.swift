internal import JOSE
public import SimpulBroker
internal import StrictYAML

extension Authority {
    /// Reads who may do what from a policy file and the folder of a roster alone, as an approver gets them to read:
    /// without the broker's settings and keys.
    /// - Throws: every fault of every file at once.
    public init(policy: String, roster: String) throws(ConfigurationErrors) {
        let faults = YAMLFaults()
        let folder = RosterFolder(roster, faults) { faults.add(YAMLFault(file: roster, text: $0)) }
        let read = PolicyFile.read(policy, faults)
        let trust = TrustStore(anchors: [], revocationLists: [], generation: 0)
        guard let read, let roster = folder?.roster(trust, naming: [], generation: 0, hub: nil), faults.isEmpty else {
            throw ConfigurationErrors(faults)
        }
        self.init(Rulebook.Rules(roster: roster, policy: read))
    }
}
