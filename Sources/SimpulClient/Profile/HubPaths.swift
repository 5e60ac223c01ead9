public import SimpulCore
internal import StrictYAML

/// The few facts of a broker's `simpuld.yaml` that an operator's commands need. The rest of the file is passed over and
/// no key is read, so that looking needs fewer rights than running.
public struct HubPaths: Sendable, Equatable {
    /// The broker's id.
    public var hub: AgencyID
    /// The status socket.
    public var statusSocket: String
    /// The SQLite database.
    public var database: String
    /// The certificate whose key signs checkpoints.
    public var logCertificate: String

    /// Reads a file of at most 64 KiB.
    /// - Throws: ``ClientError`` of code `config` with every fault among those facts.
    public init(configuration path: String) throws(ClientError) {
        let faults = YAMLFaults()
        let paths = YAMLFile(reading: path, atMost: 64 * 1024, into: faults)?.read(into: faults) { HubPaths($0) }
        guard let paths, faults.isEmpty else {
            let text = faults.sorted.map(\.description).joined(separator: "\n")
            throw ClientError(.unable, "config", LocalizedText(text, text))
        }
        self = paths
    }

    private init?(_ map: YAMLMap) {
        func path(_ outer: String, _ inner: String) -> String? {
            map.required(outer)?.map { section in
                _ = section.entries
                return section.required(inner)?.path()
            }
        }
        _ = map.entries
        let hub = map.required("hub")?.value("the id of a broker", AgencyID.init)
        let (socket, database) = (path("status", "socket"), path("store", "sqlite"))
        let certificate = path("log", "certificate")
        guard let hub, let socket, let database, let certificate else { return nil }
        (self.hub, statusSocket, self.database, logCertificate) = (hub, socket, database, certificate)
    }
}
