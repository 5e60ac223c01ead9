import SimpulClient

/// One agency of the hub: its profile and its keys.
struct BenchAgency: Sendable {
    let profile: ClientProfile
    let keys: AgencyKeys

    init(profile path: String) throws(ClientError) {
        profile = try ClientProfile(file: path)
        keys = try AgencyKeys(profile)
    }
}

/// The agencies of the hub that the benchmark made.
struct BenchAgencies: Sendable {
    private let folder: String

    init(hub folder: String) { self.folder = folder }

    func agency(_ id: String) throws(BenchError) -> BenchAgency {
        do {
            return try BenchAgency(profile: "\(folder)/agencies/\(id)/simpul.yaml")
        } catch {
            throw BenchError("\(id) cannot be read: \(error.detail.english)")
        }
    }
}
