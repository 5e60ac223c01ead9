internal import JOSE
internal import SimpulBroker
public import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// A complete working hub that does not exist yet: keys, certificates, roster, policy, and a profile for each of the
/// eight agencies of the regency. What `simpul init` writes.
public struct NewHub: Sendable {
    /// The broker's id.
    public let hub: AgencyID
    /// The address that the broker will listen on.
    public let address: String
    /// The port that the broker will listen on.
    public let port: Int
    private let names: [CertificateTemplate.AlternativeName]

    /// A hub.
    /// - Parameters:
    ///   - address: an IP address or a DNS name. It stands in the broker's certificate, beside `localhost`, 127.0.0.1,
    ///     ::1 and the machine's name.
    ///   - port: 1 to 65535; the agencies' profiles name it.
    ///   - hostName: the machine's name; left out of the certificate where it is no DNS name.
    /// - Throws: ``NewHubError`` where the address or the port cannot be used, or an agency has the broker's id.
    public init(hub: AgencyID, address: String, port: Int, hostName: String) throws(NewHubError) {
        guard (1...65535).contains(port) else { throw .unusable("the port must be from 1 to 65535") }
        guard let own = CertificateTemplate.AlternativeName(host: address) else {
            throw .unusable("the address must be an IP address or a DNS name")
        }
        guard !NewAgency.all.contains(where: { $0.id == hub }) else { throw .unusable("an agency has the hub's id") }
        var names: [CertificateTemplate.AlternativeName] = [.ip("127.0.0.1"), .ip("::1"), .dns("localhost")]
        for name in [CertificateTemplate.AlternativeName(host: hostName), own] {
            if let name, !names.contains(name) { names.append(name) }
        }
        (self.hub, self.address, self.port, self.names) = (hub, address, port, names)
    }

    /// Where the agencies of this machine find the broker.
    public var url: String {
        let reachable = ["0.0.0.0": "127.0.0.1", "::": "::1"][address] ?? address
        return "https://" + (reachable.contains(":") ? "[\(reachable)]" : reachable) + ":\(port)"
    }

    /// Makes everything new and writes it: the whole folder, or nothing.
    /// - Parameters:
    ///   - folder: does not exist yet, or is empty.
    ///   - now: certificates are valid from five minutes before this moment.
    /// - Returns: the files that were written, relative to the folder, sorted.
    public func write(to folder: String, now: Timestamp) throws(NewHubError) -> [String] {
        let files = try files(now: now)
        try NewFolder(files: files, emptyFolders: ["data"]).write(to: folder)
        return files.map(\.path).sorted()
    }

    func files(now: Timestamp) throws(NewHubError) -> [NewFile] {
        do {
            let authority = try NewAuthority(name: hub.description, now: now)
            let agencies = try NewAgency.all.map { try NewAgencyKeys($0, authority) }
            let broker = try brokerFiles(authority)
            let known = agencies.map { ($0.agency.id, $0.sign.certificate) } + [(hub, broker.sign)]
            let directory: JSON = ["broker": broker.listed, "agencies": .array(agencies.map(\.listed))]
            return authority.files + broker.files + settings
                + agencies.flatMap {
                    $0.files(
                        hub: hub, url: url, authority: authority.certificate, known: known, directory: directory)
                }
        } catch {
            throw .failed("making keys and certificates: \(error)")
        }
    }

    private func brokerFiles(
        _ authority: NewAuthority
    ) throws -> (files: [NewFile], sign: Certificate, listed: JSON) {
        let name = String(hub.description.prefix(64))
        var template = authority.template(name)
        let sign = try authority.pair(template)
        template.names = names
        template.extendedUsages = [.serverAuth, .clientAuth]
        let tls = try authority.pair(template)
        var log = authority.template(name)
        log.notAfter = authority.certificate.notAfter
        let logPair = try authority.pair(log, kind: .ed25519)
        let courier = try authority.courierPair(name)
        let files =
            tls.files("broker/tls") + sign.files("broker/sign") + logPair.files("broker/log")
            + courier.files("broker/courier")
        return (files, sign.certificate, try listed(courier, endorsedBy: sign))
    }

    /// The broker in the form of its directory, as far as an agency needs it before it has reached the broker once.
    private func listed(_ courier: NewPair, endorsedBy sign: NewPair) throws -> JSON {
        guard let identity = SigningIdentity(agency: hub, certificate: sign.certificate, key: sign.key),
            let key = CourierKey(certificate: courier.certificate, key: courier.key, endorsedBy: identity)
        else { throw CertificateError.notIssuable }
        return [
            "id": .string(hub.description),
            "certificates": [
                [
                    "use": "courier", "x5t#S256": .string(key.certificate.thumbprint.base64url),
                    "pem": .string(key.certificate.pem), "endorsement": .string(key.endorsement),
                ]
            ],
        ]
    }

    private var settings: [NewFile] {
        let text = """
            # Settings of simpuld. Paths are relative to this file. Check changes with: simpuld --config FILE --check-config
            hub: \(hub)
            listen: { address: "\(address)", port: \(port) }
            status: { socket: status.sock }
            store: { sqlite: data/simpul.sqlite }
            tls: { certificate: broker/tls.pem, key: broker/tls.key }
            sign: { certificate: broker/sign.pem, key: broker/sign.key }
            # This key signs checkpoints of the log, and nothing else.
            log: { certificate: broker/log.pem, key: broker/log.key }
            trust:
              - anchor: trust/ca.pem
            roster: roster
            policy: policy.yaml
            # This key opens the outer seal of courier bundles, and no body.
            courier: { certificate: broker/courier.pem, key: broker/courier.key }

            """
        return [NewFile("simpuld.yaml", text), NewFile("policy.yaml", DefaultPolicy.text)]
    }
}

/// Why a new hub was not written. Nothing of it is there.
public enum NewHubError: Error, Equatable, Sendable {
    /// What was asked for cannot be: the reason.
    case unusable(String)
    /// The folder exists and is not empty, or is no folder.
    case occupied
    /// The system did not let it happen: the step and the reason.
    case failed(String)
}
