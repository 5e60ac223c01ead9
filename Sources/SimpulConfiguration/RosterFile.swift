internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope
internal import StrictYAML

extension Agency {
    /// Reads one file of the roster.
    init?(_ map: YAMLMap, named fileName: AgencyID) {
        let place = map.required("id")
        let id = place?.value("an agency id", AgencyID.init)
        if let id, id != fileName { place?.fault("the file must be called as the agency: <id>.yaml") }
        let name = map.required("name")?.map { LocalizedText($0) }
        let roles = map.required("roles")?.roles()
        let isActive = map.optional("active")?.boolean() ?? true
        let allowsRS256 = map.optional("allowRS256")?.boolean() ?? false
        let listed = map.required("certificates")?.list(atMost: 64) { node in
            node.map { ListedCertificate($0, of: fileName) }
        }
        let dataProtection = map.optional("dataProtection")?.shortText()
        let groups = map.optional("groups").map { $0.groups() } ?? [:]
        let accepts = map.optional("accepts").map { $0.accepts() } ?? [:]
        let desks = map.optional("desks").map { $0.desks() } ?? Desks()
        let push = PushEndpoint(map)
        let quota = map.optional("quota")?.map { AgencyQuota($0) }
        for certificate in listed ?? [] { certificate.checkEndorsement(by: (listed ?? []).map(\.certificate)) }
        guard let id, let name, let roles, let listed else { return nil }
        self.init(
            id: id, name: name, roles: roles, isActive: isActive, allowsRS256: allowsRS256,
            certificates: listed.map(\.certificate))
        self.dataProtection = dataProtection
        self.groups = groups ?? [:]
        self.accepts = accepts ?? [:]
        self.push = push
        self.desks = desks ?? Desks()
        self.quota = quota ?? AgencyQuota()
    }
}

extension PushEndpoint {
    /// Where deliveries are pushed to: `push`, and `pushPrivateAddresses` beside it.
    fileprivate init?(_ map: YAMLMap) {
        let place = map.optional("push")
        let privacy = map.optional("pushPrivateAddresses")
        let allowsPrivateAddresses = privacy?.boolean() ?? false
        guard let place else {
            privacy?.fault("this says something about push, and there is none")
            return nil
        }
        let read = place.value("https://host, with a port and a path where needed; no user, query or fragment") {
            PushEndpoint($0, allowsPrivateAddresses: allowsPrivateAddresses)
        }
        guard let read else { return nil }
        if case .address(let address) = read.host, !read.mayConnect(to: address) {
            place.fault(
                address.kind == .nobody
                    ? "no host has this address" : "this address is not public: say so with pushPrivateAddresses: true")
        }
        self = read
    }
}

extension AgencyQuota {
    /// Reads the section `quota`. What it does not name is what everybody has.
    fileprivate init?(_ map: YAMLMap) {
        self.init(
            messagesPerSecond: map.optional("messagesPerSecond")?.integer(in: 1...1_000_000),
            bytesPerSecond: map.optional("bytesPerSecond")?.integer(in: 1...10_000_000_000),
            queued: map.optional("queued")?.integer(in: 1...1_000_000_000))
    }
}

extension LocalizedText {
    init?(_ map: YAMLMap) {
        let indonesian = map.required("id")?.shortText()
        let english = map.required("en")?.shortText()
        guard let indonesian, let english else { return nil }
        self.init(english, indonesian)
    }
}

extension YAMLNode {
    /// From whom an agency takes which type, where that is fewer than the policy lets it. An empty list takes the type
    /// from nobody.
    fileprivate func accepts() -> [MessageType: Parties]? {
        map { map in
            var accepts: [MessageType: Parties] = [:]
            for entry in map.entries {
                guard let type = entry.at.messageType() else { continue }
                accepts[type] = entry.value.parties(groups: nil, atLeast: 0)
            }
            return accepts
        }
    }

    /// Who is told first where the agency is late: other agencies of the roster. One that does not take part stands for
    /// the agency itself.
    fileprivate func desks() -> Desks? {
        map { map in
            Desks(
                chief: map.optional("chief")?.value("an agency id", AgencyID.init),
                duty: map.optional("duty")?.value("an agency id", AgencyID.init))
        }
    }

    /// One line of at most 200 characters.
    func shortText() -> String? {
        value("one line of at most 200 characters") { $0.count <= 200 && !$0.contains("\n") ? $0 : nil }
    }

    /// At least one role.
    func roles() -> Set<Role>? {
        let roles = list(atLeast: 1, atMost: 32) {
            $0.value("a role: 2 to 16 capital letters, such as POL", Role.init)
        }
        return roles.map { Set($0) }
    }
}

/// One certificate of a roster file.
private struct ListedCertificate {
    let certificate: RosterCertificate
    private let endorsementPlace: YAMLNode?

    init?(_ map: YAMLMap, of agency: AgencyID) {
        let use = map.required("use")?.value("tls, sign or seal") { text in
            CertificateUse(rawValue: text).flatMap { $0 == .courier ? nil : $0 }
        }
        let place = map.required("pem")
        let certificate = place?.value("one certificate in PEM, indented below 'pem: |'") { try? Certificate(pem: $0) }
        let endorsementPlace = map.optional("endorsement")
        let endorsement = endorsementPlace?.text()
        let from = map.optional("from")?.time()
        let until = map.optional("until")?.time()
        let isRetired = map.optional("retired")?.boolean() ?? false
        guard let use, let certificate else { return nil }
        if let objection = certificate.objection(to: use) { place?.fault(objection) }
        self.certificate = RosterCertificate(
            agency: agency, use: use, certificate: certificate, from: from, until: until, isRetired: isRetired,
            endorsement: endorsement)
        self.endorsementPlace = endorsementPlace
    }

    /// An endorsement must be the agency's own word for this very certificate, or it would only mislead its readers.
    func checkEndorsement(by listed: [RosterCertificate]) {
        guard let token = certificate.endorsement else { return }
        let signed = try? SignedStatement(endorsement: Array(token.utf8)) { thumbprint in
            listed.first { $0.use == .sign && $0.thumbprint == thumbprint }?.certificate
        }
        guard let signed else {
            endorsementPlace?.fault("this is no endorsement by a sign certificate of this file")
            return
        }
        guard signed.statement.agency == certificate.agency, signed.statement.use == certificate.use,
            signed.statement.thumbprint == certificate.thumbprint
        else {
            endorsementPlace?.fault("this endorses another certificate")
            return
        }
    }
}

extension YAMLNode {
    fileprivate func time() -> Timestamp? {
        value("a time such as 2026-01-31T08:00:00+07:00", Timestamp.init)
    }
}

extension Certificate {
    /// Why this certificate cannot be listed for a use; nil where it can.
    fileprivate func objection(to use: CertificateUse) -> String? {
        switch use {
        case .tls: hasClientAuth ? nil : "a tls certificate needs the extended key usage clientAuth"
        case .sign:
            allows(.digitalSignature) && SignatureProfile.takes(publicKey.kind)
                ? nil : "a sign certificate needs the key usage digitalSignature, and a P-256, Ed25519 or RSA key"
        case .seal:
            receivesKeys ? nil : "a seal certificate needs a P-256 key with keyAgreement, or RSA with keyEncipherment"
        case .courier: "an agency has no courier certificate"
        }
    }

    private var receivesKeys: Bool {
        switch publicKey.kind {
        case .p256: allows(.keyAgreement)
        case .rsa: allows(.keyEncipherment)
        case .p384, .p521, .ed25519, .ed448, .other: false
        }
    }
}
