internal import Glibc
internal import JOSE
internal import SimpulCore

/// The certification authority of a new hub.
struct NewAuthority {
    let certificate: Certificate
    private let key: PrivateKey
    private let notBefore: Int64
    private let notAfter: Int64

    /// Clocks of agencies may be behind by so much.
    private static let skewSeconds: Int64 = 300
    /// Ten years: a new anchor has to reach every agency by hand.
    private static let authoritySeconds: Int64 = 3652 * 86400
    /// 825 days: the most that strict TLS clients accept of a server, and long enough to renew once a year in calm.
    private static let leafSeconds: Int64 = 825 * 86400

    init(name: String, now: Timestamp) throws(CertificateError) {
        notBefore = now.seconds - Self.skewSeconds
        notAfter = notBefore + Self.leafSeconds
        key = PrivateKey.generate(.p256)
        certificate = try CertificateAuthority.selfSigned(
            commonName: String("Simpul CA \(name)".prefix(64)), key: key, notBefore: notBefore,
            notAfter: notBefore + Self.authoritySeconds)
    }

    var files: [NewFile] {
        [NewFile("trust/ca.pem", certificate.pem), NewFile("trust/ca.key", key.pem, isSecret: true)]
    }

    /// A broker's courier key and its certificate, which lasts as long as the authority: what agencies believe is the
    /// word of the `sign` key, which ends with that key's certificate.
    func courierPair(_ name: String) throws(CertificateError) -> NewPair {
        var template = template(name)
        template.use = .encryption
        template.notAfter = certificate.notAfter
        return try pair(template)
    }

    func template(_ commonName: String) -> CertificateTemplate {
        CertificateTemplate(commonName: commonName, notBefore: notBefore, notAfter: notAfter)
    }

    func pair(_ template: CertificateTemplate, kind: KeyKind = .p256) throws(CertificateError) -> NewPair {
        let own = PrivateKey.generate(kind)
        return NewPair(
            certificate: try CertificateAuthority.issue(template, for: own.publicKey, issuer: certificate, key: key),
            key: own)
    }
}

/// A new key and its certificate.
struct NewPair {
    let certificate: Certificate
    let key: PrivateKey

    func files(_ name: String) -> [NewFile] {
        [NewFile(name + ".pem", certificate.pem), NewFile(name + ".key", key.pem, isSecret: true)]
    }
}

extension CertificateTemplate.AlternativeName {
    /// An IP address or a DNS name; nil for anything else.
    init?(host: String) {
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, host, &octets) == 1 || inet_pton(AF_INET6, host, &octets) == 1 {
            self = .ip(host)
            return
        }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy(Self.mayStandInLabel)
        }
        let isNumber = labels.last?.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true
        guard isName, !isNumber, host.utf8.count <= 253 else { return nil }
        self = .dns(host)
    }

    private static func mayStandInLabel(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
