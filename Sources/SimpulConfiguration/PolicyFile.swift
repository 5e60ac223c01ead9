internal import JOSE
public import SimpulBroker
internal import SimpulCore
internal import StrictYAML

/// Reads the policy file. Its digest is that of its octets.
enum PolicyFile {
    /// The most rules.
    private static let mostRules = 1000

    static func read(_ path: String, _ faults: YAMLFaults) -> Policy? {
        YAMLFile(reading: path, atMost: 1024 * 1024, into: faults).flatMap { read($0, faults) }
    }

    static func read(_ file: YAMLFile, _ faults: YAMLFaults) -> Policy? {
        guard let digest = Digest(octets: SHA256.hash(file.bytes).bytes) else { return nil }
        return file.read(into: faults) { map in
            _ = map.required("version")?.integer(in: 1...1)
            let approvers = map.optional("approvers")?.agencies()
            let dpia = map.optional("dpia")?.value("a reference such as DPIA-2026-02") { isAssessment($0) ? $0 : nil }
            let groups = map.optional("groups").map { $0.groups() } ?? [:]
            var ids: Set<String> = []
            let rules = map.required("rules")?.list(atMost: mostRules) { node in
                node.map { Policy.Rule($0, groups: groups.map { Set($0.keys) }, &ids) }
            }
            let clocks = clocks(map)
            guard let rules, let groups else { return nil }
            return Policy(
                rules: rules, groups: groups, impactAssessment: dpia, clocks: clocks, approvers: approvers ?? [],
                digest: digest)
        }
    }

    /// Both sections may be absent; what cannot be read has left its fault, and the policy is not used.
    private static func clocks(_ map: YAMLMap) -> ClockPolicy {
        var standard = ClockPolicy.standard
        if let calendar = map.optional("calendar").flatMap(CalendarFile.read) { standard.calendar = calendar }
        return map.optional("clocks").flatMap { ClocksFile.read($0, calendar: standard.calendar) } ?? standard
    }

    private static func isAssessment(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "DPIA" && parts[1].utf8.count == 4
            && (2...4).contains(parts[2].utf8.count)
            && parts.dropFirst().joined().utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}

extension Policy {
    /// Reads a policy file alone.
    /// - Throws: every fault of the file at once.
    public static func load(_ path: String) throws(ConfigurationErrors) -> Policy {
        let faults = YAMLFaults()
        let policy = YAMLFile(reading: path, atMost: 1024 * 1024, into: faults).flatMap { PolicyFile.read($0, faults) }
        guard let policy, faults.isEmpty else { throw ConfigurationErrors(faults) }
        return policy
    }
}

extension Policy.Rule {
    /// Reads one rule.
    /// - Parameter groups: the groups that the file defines; nil where they could not be read.
    fileprivate init?(_ map: YAMLMap, groups: Set<GroupName>?, _ ids: inout Set<String>) {
        let place = map.required("id")
        let id = place?.value("1 to 64 of a-z, 0-9 and -") { Self.isName($0) ? $0 : nil }
        if let id, !ids.insert(id).inserted { place?.fault("another rule has this id") }
        let type = map.required("type")?.messageType()
        let from = map.required("from")?.parties(groups: groups)
        let to = map.required("to")?.parties(groups: groups)
        let condition = map.optional("when").map { $0.map(Policy.Condition.init) } ?? Policy.Condition()
        let basis = map.required("basis")?.value("at most 500 characters") { $0.count <= 500 ? $0 : nil }
        guard let id, let type, let from, let to, let condition, let basis else { return nil }
        self.init(id: id, type: type, from: from, to: to, condition: condition, basis: basis)
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || byte == UInt8(ascii: "-")
            }
    }
}

extension Policy.Condition {
    /// Reads what a rule asks of the header.
    fileprivate init?(_ map: YAMLMap) {
        self.init()
        let (purpose, audience, mode) = (map.optional("purpose"), map.optional("audience"), map.optional("mode"))
        let (privacy, risk) = (map.optional("privacyAtMost"), map.optional("riskOnly"))
        purposes = purpose?.codes(Header.Purpose.self)
        audiences = audience?.codes(Header.Audience.self)
        modes = mode?.codes(Header.ReferralMode.self)
        highestClass = privacy?.value("a class from P0 to P4", PrivacyClass.init)
        asksForRiskOnly = risk?.value("true: leave the key out otherwise") { $0 == "true" ? true : nil } ?? false
        let isEmpty = [purpose, audience, mode, privacy, risk].allSatisfy { $0 == nil }
        if isEmpty { map.fault("a condition without a key: leave 'when' out") }
    }
}

extension YAMLNode {
    /// A type of message.
    func messageType() -> MessageType? {
        let types = MessageType.allCases.map(\.rawValue).joined(separator: ", ")
        return value("one of \(types)", MessageType.init(rawValue:))
    }

    /// Groups of agencies, by their names.
    func groups() -> [GroupName: Set<AgencyID>]? {
        map { map in
            var groups: [GroupName: Set<AgencyID>] = [:]
            for entry in map.entries {
                guard let name = GroupName(entry.key) else {
                    entry.at.fault("a group is called by 1 to 32 of a-z, 0-9 and -")
                    continue
                }
                let agencies = entry.value.list(atLeast: 1, atMost: 1000) { $0.value("an agency id", AgencyID.init) }
                groups[name] = agencies.map { Set($0) }
            }
            return groups
        }
    }

    /// One side of a rule: roles, and groups behind an `@`.
    /// - Parameter groups: the groups that may stand there; nil where that is not known here.
    func parties(groups: Set<GroupName>?, atLeast: Int = 1) -> Parties? {
        var parties = Parties(roles: [])
        let read = list(atLeast: atLeast, atMost: 32) { node in
            guard let text = node.text() else { return false }
            if text.hasPrefix("@"), let name = GroupName(String(text.dropFirst())) {
                if let groups, !groups.contains(name) { node.fault("no group of this name is defined") }
                return parties.groups.insert(name).inserted
            }
            guard let role = Role(text) else {
                node.fault("expected a role (2 to 16 capital letters, such as POL), or a group such as @pilot")
                return false
            }
            return parties.roles.insert(role).inserted
        }
        return read.map { _ in parties }
    }

    fileprivate func codes<Code: RawRepresentable & CaseIterable & Hashable>(
        _ type: Code.Type
    ) -> Set<Code>? where Code.RawValue == String {
        let all = Code.allCases.map(\.rawValue).joined(separator: ", ")
        return list(atLeast: 1, atMost: 32) { $0.value("one of \(all)", Code.init(rawValue:)) }.map { Set($0) }
    }
}
