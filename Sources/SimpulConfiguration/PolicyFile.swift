internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import StrictYAML

/// Reads the policy file. Its digest is that of its octets.
enum PolicyFile {
    /// The most rules.
    private static let mostRules = 1000

    static func read(_ place: YAMLNode, _ faults: YAMLFaults) -> Policy? {
        guard let path = place.path(), let file = YAMLFile(reading: path, atMost: 1024 * 1024, into: faults) else {
            return nil
        }
        return read(file, faults)
    }

    static func read(_ file: YAMLFile, _ faults: YAMLFaults) -> Policy? {
        guard let digest = Digest(octets: SHA256.hash(file.bytes).bytes) else { return nil }
        return file.read(into: faults) { map in
            _ = map.required("version")?.integer(in: 1...1)
            var ids: Set<String> = []
            let rules = map.required("rules")?.list(atMost: mostRules) { node in node.map { rule($0, &ids) } }
            let clocks = clocks(map)
            return rules.map { Policy(rules: $0, clocks: clocks, digest: digest) }
        }
    }

    /// Both sections may be absent; what cannot be read has left its fault, and the policy is not used.
    private static func clocks(_ map: YAMLMap) -> ClockPolicy {
        var standard = ClockPolicy.standard
        if let calendar = map.optional("calendar").flatMap(CalendarFile.read) { standard.calendar = calendar }
        return map.optional("clocks").flatMap { ClocksFile.read($0, calendar: standard.calendar) } ?? standard
    }

    private static func rule(_ map: YAMLMap, _ ids: inout Set<String>) -> Policy.Rule? {
        let place = map.required("id")
        let id = place?.value("1 to 64 of a-z, 0-9 and -") { isName($0) ? $0 : nil }
        if let id, !ids.insert(id).inserted { place?.fault("another rule has this id") }
        let types = MessageType.allCases.map(\.rawValue).joined(separator: ", ")
        let type = map.required("type")?.value("one of \(types)", MessageType.init(rawValue:))
        let from = map.required("from")?.roles()
        let to = map.required("to")?.roles()
        let basis = map.required("basis")?.value("at most 500 characters") { $0.count <= 500 ? $0 : nil }
        guard let id, let type, let from, let to, let basis else { return nil }
        return Policy.Rule(id: id, type: type, from: from, to: to, basis: basis)
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || byte == UInt8(ascii: "-")
            }
    }
}
