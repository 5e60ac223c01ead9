internal import JOSE
internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// An agency of a new hub.
struct NewAgency: Sendable {
    let id: AgencyID
    let role: String
    let name: LocalizedText

    private init?(_ id: String, _ role: String, _ indonesian: String, _ english: String) {
        guard let id = AgencyID(id) else { return nil }
        (self.id, self.role, name) = (id, role, LocalizedText(english, indonesian))
    }

    /// The agencies of the regency that the messages of the first release pass between.
    static let all: [NewAgency] = [
        NewAgency("id-1709.imigrasi", "IMM", "Kantor Imigrasi, Bengkulu Tengah", "Immigration Office, Bengkulu Tengah"),
        NewAgency(
            "id-1709.polres.ppa", "POL", "Polres Bengkulu Tengah, Unit PPA",
            "Bengkulu Tengah Police, Women and Children Unit"),
        NewAgency(
            "id-1709.uptd-ppa", "UPTD", "UPTD PPA Bengkulu Tengah", "Women and Child Protection Unit, Bengkulu Tengah"),
        NewAgency("id-1709.ngo.rumah-aman", "NGO", "Rumah Aman", "Safe House"),
        NewAgency(
            "id-17.dinsos.rpsa", "SOC", "Dinas Sosial Provinsi, RPSA", "Provincial Social Service, Children's Home"),
        NewAgency("id-1709.gugus-tugas", "TF", "Gugus Tugas TPPO Bengkulu Tengah", "Task Force, Bengkulu Tengah"),
        NewAgency("id-17.gugus-tugas", "TF", "Gugus Tugas TPPO Provinsi Bengkulu", "Task Force, Bengkulu Province"),
        NewAgency("id-1709.desa-fasilitator", "FACILITATOR", "Fasilitator Desa", "Village Facilitator"),
    ].compactMap { $0 }
}

/// A new agency's keys: one for each use.
struct NewAgencyKeys {
    let agency: NewAgency
    let tls: NewPair
    let sign: NewPair
    let seal: NewPair
    /// The sign key's word for the seal certificate.
    let endorsement: String

    init(_ agency: NewAgency, _ authority: NewAuthority) throws {
        let name = String(agency.id.description.prefix(64))
        let sign = try authority.pair(authority.template(name))
        var sealing = authority.template(name)
        sealing.use = .encryption
        let seal = try authority.pair(sealing)
        var greeting = authority.template(name)
        greeting.names = [.uri("urn:simpul:agency:\(agency.id)")]
        greeting.extendedUsages = [.clientAuth]
        tls = try authority.pair(greeting)
        let from = Timestamp(milliseconds: seal.certificate.notBefore * 1000)
        let until = Timestamp(milliseconds: seal.certificate.notAfter * 1000)
        let word = Endorsement(
            agency: agency.id, use: .seal, thumbprint: seal.certificate.thumbprint, from: from, until: until)
        guard let identity = SigningIdentity(agency: agency.id, certificate: sign.certificate, key: sign.key) else {
            throw CertificateError.notIssuable
        }
        endorsement = String(decoding: try identity.endorsement(word), as: UTF8.self)
        (self.agency, self.sign, self.seal) = (agency, sign, seal)
    }

    /// The roster file, the keys, the profile, and the certificates that the agency knows from the start.
    func files(
        hub: AgencyID, url: String, authority: Certificate, known: [(AgencyID, Certificate)], directory: JSON
    ) -> [NewFile] {
        let folder = "agencies/\(agency.id)/"
        return tls.files(folder + "tls") + sign.files(folder + "sign") + seal.files(folder + "seal")
            + known.map { NewFile(folder + "known/\($0).pem", $1.pem) }
            + [
                NewFile("roster/\(agency.id).yaml", rosterText),
                NewFile(folder + "simpul.yaml", profileText(hub: hub, url: url)),
                NewFile(folder + "ca.pem", authority.pem),
                NewFile(folder + "spool/directory.json", directory.text),
            ]
    }

    /// The agency in the form of the broker's directory, with what others seal to. Each client starts with it, and so can
    /// seal and spool before it has reached the broker once.
    var listed: JSON {
        [
            "id": .string(agency.id.description),
            "certificates": [
                [
                    "use": "seal", "x5t#S256": .string(seal.certificate.thumbprint.base64url),
                    "pem": .string(seal.certificate.pem), "endorsement": .string(endorsement),
                ]
            ],
        ]
    }

    private var rosterText: String {
        """
        id: \(agency.id)
        name: { id: "\(agency.name.indonesian)", en: "\(agency.name.english)" }
        roles: [\(agency.role)]
        certificates:
          - use: tls
            pem: |
        \(Self.indented(tls.certificate.pem))
          - use: sign
            pem: |
        \(Self.indented(sign.certificate.pem))
          - use: seal
            pem: |
        \(Self.indented(seal.certificate.pem))
            endorsement: \(endorsement)

        """
    }

    private static func indented(_ pem: String) -> String {
        pem.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
    }

    private func profileText(hub: AgencyID, url: String) -> String {
        """
        # Who this agency is and where its broker is. Paths are relative to this file; the folder may be moved as a whole.
        agency: \(agency.id)
        hub: \(hub)
        url: "\(url)"
        ca: ca.pem
        tls: { certificate: tls.pem, key: tls.key }
        sign: { certificate: sign.pem, key: sign.key }
        seal: [{ certificate: seal.pem, key: seal.key }]
        # Sign certificates that came by a way other than the broker: trusted, and nothing else is.
        known: known
        spool: spool

        """
    }
}
