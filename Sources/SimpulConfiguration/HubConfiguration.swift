public import SimpulBroker
public import SimpulCore
internal import StrictYAML

/// All that `simpuld.yaml` says, and what the files that it names hold: read once, as a whole, and checked.
public struct HubConfiguration: Sendable {
    /// The broker's id.
    public var hub: AgencyID
    /// The address that HTTPS listens on.
    public var address: String
    /// The port that HTTPS listens on; 0 for any free one.
    public var port: Int
    /// Where the status socket is.
    public var statusSocket: String
    /// The mode of the status socket.
    public var statusMode: UInt32
    /// Who may do more on the status socket than read.
    public var statusRights: StatusRights
    /// Where the SQLite database is.
    public var database: String
    /// Whether TLS 1.2 is spoken besides 1.3.
    public var allowsTLS12: Bool
    /// How much is logged.
    public var logLevel: LogLevel
    /// The bounds in force.
    public var limits: Limits
    /// The broker's keys and certificates.
    public var identity: BrokerIdentity
    /// The roster and the policy.
    public var rules: Rulebook.Rules
    /// The change of them that lies beside the policy, judged by nobody yet.
    public var change: ChangeDocument

    /// Rules that are not in their place yet. Where one is nil, the file or folder that `simpuld.yaml` names is read.
    public struct Drafts: Sendable {
        /// A policy file.
        public var policy: String?
        /// A folder of the roster.
        public var roster: String?

        /// Drafts.
        public init(policy: String? = nil, roster: String? = nil) {
            self.policy = policy
            self.roster = roster
        }
    }

    /// How much is logged, in swift-log's words.
    public enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// Reads `simpuld.yaml` and every file that it names.
    /// - Parameters:
    ///   - path: the file; paths inside it are relative to its folder.
    ///   - generation: the number of the roster that is read; each reload has a higher one.
    ///   - drafts: files of rules to read in place of those that it names.
    ///   - now: the moment at which the broker's certificates must be valid.
    /// - Throws: every fault of every file at once.
    public static func load(
        _ path: String, generation: UInt64 = 1, drafts: Drafts = Drafts(), now: Timestamp
    ) throws(ConfigurationErrors) -> HubConfiguration {
        let faults = YAMLFaults()
        let file = YAMLFile(reading: path, atMost: 64 * 1024, into: faults)
        let configuration = file?.read(into: faults) { HubConfiguration($0, generation, drafts, now, faults) }
        guard let configuration, faults.isEmpty else { throw ConfigurationErrors(faults) }
        return configuration
    }

    private init?(
        _ map: YAMLMap, _ generation: UInt64, _ drafts: Drafts, _ now: Timestamp, _ faults: YAMLFaults
    ) {
        let hub = map.required("hub")?.value("an id such as id-1709.simpul", AgencyID.init)
        let listen = map.required("listen")?.map(Listen.init)
        let status = map.required("status")?.map(StatusSocket.init)
        let database = map.required("store")?.map { $0.required("sqlite")?.path() }
        let logLevel = map.optional("logLevel")?.value(
            "one of " + LogLevel.allCases.map(\.rawValue).joined(separator: ", "), LogLevel.init(rawValue:))
        let limits = map.optional("limits")?.map(Limits.overridden)
        let trust = map.required("trust").flatMap { Trust($0, generation: generation) }
        let tls = map.required("tls").flatMap(TLSFiles.init)
        let sign = map.required("sign").flatMap(KeyPair.init)
        let log = map.required("log").flatMap(KeyPair.init)
        let folder = map.required("roster").flatMap { RosterFolder($0, draft: drafts.roster, faults) }
        let policyPlace = map.required("policy")
        let policyPath = policyPlace?.path()
        let policy = (drafts.policy ?? policyPath).flatMap { PolicyFile.read($0, faults) }
        let identity = BrokerIdentity(hub: hub, tls: tls, sign: sign, log: log, trust: trust?.store, now: now)
        let roster = trust.flatMap { folder?.roster($0.store, naming: $0.naming, generation: generation, hub: hub) }
        guard let hub, let listen, let status, let database, let tls, let identity, let roster, let policy,
            let policyPath
        else { return nil }
        Approvers.check(policy, roster, faults, file: drafts.policy ?? policyPath)
        for text in roster.unknownNames(in: policy).sorted() { policyPlace?.fault(text) }
        (self.hub, address, port) = (hub, listen.address, listen.port)
        (statusSocket, statusMode, self.database) = (status.path, status.mode, database)
        statusRights = status.rights
        (allowsTLS12, self.logLevel, self.limits) = (tls.allowsTLS12, logLevel ?? .info, limits ?? Limits())
        (self.identity, rules) = (identity, Rulebook.Rules(roster: roster, policy: policy))
        change = ChangeDocument(besidePolicy: policyPath)
    }
}

extension Roster {
    /// Groups and agencies that policy and roster speak of and do not have: a name that is misspelt would let nobody
    /// pass, and nobody would know why.
    fileprivate func unknownNames(in policy: Policy) -> [String] {
        let listed = policy.groups.flatMap { group, members in
            members.filter { agencies[$0] == nil }.map {
                "the group \(group) has \($0), which the roster does not have"
            }
        }
        let narrowed = agencies.values.flatMap { agency in
            agency.accepts.values.flatMap(\.groups)
                .filter { agency.groups[$0] == nil && policy.groups[$0] == nil }
                .map { "\(agency.id) accepts from the group \($0), which neither its own file nor the policy has" }
        }
        let own = agencies.values.flatMap { agency in
            agency.groups.values.joined().filter { agencies[$0] == nil }
                .map { "\(agency.id) has \($0) in a group, which the roster does not have" }
        }
        return listed + narrowed + own
    }
}

private struct Listen {
    let address: String
    let port: Int

    init?(_ map: YAMLMap) {
        let address = map.required("address")?.value("a host name or an IP address") { text in
            text.utf8.count <= 255 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
        }
        let port = map.required("port")?.integer(in: 0...65535)
        guard let address, let port else { return nil }
        (self.address, self.port) = (address, port)
    }
}

private struct StatusSocket {
    let path: String
    let mode: UInt32
    let rights: StatusRights

    /// The most octets that the server takes for the path of a socket (the kernel's `sockaddr_un` has 107).
    private static let longestPath = 103

    init?(_ map: YAMLMap) {
        let place = map.required("socket")
        let path = place?.path()
        let mode = map.optional("mode")?.value("an octal mode from \"0600\" to \"0666\"") { text in
            UInt32(text, radix: 8).flatMap { $0 & ~0o066 == 0o600 && text.utf8.count <= 4 ? $0 : nil }
        }
        let operators = map.optional("operators")?.map(StatusRights.Members.init)
        let admins = map.optional("admins")?.map(StatusRights.Members.init)
        rights = StatusRights(operators: operators ?? .init(), admins: admins ?? .init())
        guard let place, let path else { return nil }
        guard path.utf8.count <= Self.longestPath else {
            place.fault("the whole path of a socket may have \(Self.longestPath) octets; this one has more")
            return nil
        }
        (self.path, self.mode) = (path, mode ?? 0o660)
    }
}
