public import JOSE
public import SimpulCore
public import StrictJSON

/// The directory as a broker states it (`GET /v1/directory`). Nothing in it is believed for its own sake: only
/// ``KnownKeys`` says which certificates may be used.
public struct DirectoryListing: Sendable {
    /// What it lists for each agency.
    public var agencies: [AgencyID: [Listed]]
    /// What it lists for the broker itself.
    public var broker: [Listed] = []
    /// What it says that each agency is. Only ever a reason to stop an own message early.
    public var roles: [AgencyID: Set<Role>]

    /// A certificate as the directory lists it.
    public struct Listed: Sendable {
        /// What it is said to be for: `tls`, `sign`, `seal`; of the broker also `courier`.
        public var use: String
        /// The certificate.
        public var certificate: Certificate
        /// The endorsement that came with it, not verified.
        public var endorsement: [UInt8]?

        /// A listed certificate.
        public init(use: String, certificate: Certificate, endorsement: [UInt8]?) {
            self.use = use
            self.certificate = certificate
            self.endorsement = endorsement
        }
    }

    /// A directory.
    public init(agencies: [AgencyID: [Listed]], roles: [AgencyID: Set<Role>] = [:]) {
        self.agencies = agencies
        self.roles = roles
    }

    /// Reads an answer; nil where it has not the form of a directory. A certificate that cannot be read is left out, so
    /// that one agency's fault does not stop the others: nobody seals to it.
    public init?(_ root: JSONValue) {
        guard let list = root["agencies"], list.kind == .array else { return nil }
        var agencies: [AgencyID: [Listed]] = [:]
        var roles: [AgencyID: Set<Role>] = [:]
        for element in list.elements {
            guard let id = element["id"]?.string.flatMap(AgencyID.init), agencies[id] == nil,
                let certificates = element["certificates"], certificates.kind == .array
            else { return nil }
            agencies[id] = certificates.elements.compactMap(Listed.init)
            roles[id] = element["roles"].map { Set($0.elements.compactMap { $0.string.flatMap(Role.init) }) }
        }
        self.agencies = agencies
        self.roles = roles
        broker = root["broker"]?["certificates"].map { $0.elements.compactMap(Listed.init) } ?? []
    }
}

extension DirectoryListing.Listed {
    fileprivate init?(_ value: JSONValue) {
        guard let use = value["use"]?.string, let pem = value["pem"]?.string,
            let certificate = try? Certificate(pem: pem),
            value["x5t#S256"]?.isString(certificate.thumbprint.base64url) == true
        else { return nil }
        self.init(use: use, certificate: certificate, endorsement: value["endorsement"]?.utf8)
    }
}
