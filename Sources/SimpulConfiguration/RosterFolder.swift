internal import FoundationEssentials
internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import StrictYAML

/// The folder of the roster: one file `<agency id>.yaml` for each agency. Its digest is SHA-256 over one line
/// `<digest of the file>  <name of the file>` for each file in the order of their names, so that
/// `sha256sum *.yaml | sha256sum` in the folder gives the same.
struct RosterFolder {
    private let fault: (String) -> Void
    private let agencies: [Agency]
    private let digest: Digest

    /// The most files; each costs about 10 KiB in memory.
    private static let mostFiles = 10_000

    /// Reads the folder that a setting names, or a draft in its place; faults of the whole are told at the setting.
    init?(_ place: YAMLNode, draft: String?, _ faults: YAMLFaults) {
        let named = place.path()
        guard let folder = draft ?? named else { return nil }
        self.init(folder, faults, fault: place.fault)
    }

    /// Reads a folder.
    /// - Parameter fault: notes what is wrong with the whole.
    init?(_ folder: String, _ faults: YAMLFaults, fault: @escaping (String) -> Void) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            fault("there is no such folder, or this user may not read it")
            return nil
        }
        let visible = names.filter { !$0.hasPrefix(".") }.sorted()
        guard visible.count <= Self.mostFiles else {
            fault("this folder holds more than \(Self.mostFiles) files")
            return nil
        }
        var lines: [UInt8] = []
        var agencies: [Agency] = []
        for name in visible {
            let path = "\(folder)/\(name)"
            guard name.hasSuffix(".yaml"), let id = AgencyID(String(name.dropLast(5))) else {
                faults.add(YAMLFault(file: path, text: "only files called <agency id>.yaml belong into the roster"))
                continue
            }
            guard let file = YAMLFile(reading: path, atMost: 256 * 1024, into: faults) else { continue }
            lines += Array("\(SHA256.hash(file.bytes).hex)  \(name)\n".utf8)
            if let agency = file.read(into: faults, { Agency($0, named: id) }) { agencies.append(agency) }
        }
        guard let digest = Digest(octets: SHA256.hash(lines).bytes) else { return nil }
        (self.fault, self.agencies, self.digest) = (fault, agencies, digest)
    }

    /// The roster, where the agencies fit together. Services of the operator that speak for the broker are listed under
    /// its id with the role BROKER, which nobody else has.
    func roster(
        _ trust: TrustStore, naming: Set<SHA256Digest>, generation: UInt64, hub: AgencyID?
    ) -> Roster? {
        for agency in agencies where agency.id == hub || agency.roles.contains(.broker) {
            if agency.id != hub { fault("\(agency.id): only the broker's own id has the role BROKER") }
            if agency.roles != [.broker] { fault("\(agency.id): the role BROKER and no other is the broker's") }
        }
        do {
            return try Roster(
                agencies: agencies, trust: trust, namingAnchors: naming, digest: digest,
                generation: generation)
        } catch {
            for text in error.texts { fault(text) }
            return nil
        }
    }
}
