public import JOSE
public import SimpulBroker
internal import SimpulCore
public import SimpulEnvelope
internal import StrictYAML

/// The broker's keys, one for each use, and their certificates.
public struct BrokerIdentity: Sendable {
    /// The certificate of the HTTPS port.
    public let tlsCertificate: Certificate
    /// The certificate chain of the HTTPS port in PEM, its own certificate first.
    public let tlsChainPEM: [UInt8]
    /// The key of the HTTPS port in PEM.
    public let tlsKeyPEM: [UInt8]
    /// What signs receipts.
    public let signing: SigningIdentity
    /// The certificate of the key that signs checkpoints.
    public let logCertificate: Certificate
    /// What signs the log's checkpoints: an Ed25519 key that signs nothing else.
    public let checkpoints: CheckpointSigner
    /// What opens courier bundles for the broker; nil where the settings name none.
    public let courier: CourierKey?

    /// Checks the three pairs against each other and the trust. What is missing was reported where it was read.
    init?(
        hub: AgencyID?, tls: TLSFiles?, sign: KeyPair?, log: KeyPair?, courier: KeyPair?, trust: TrustStore?,
        now: Timestamp
    ) {
        let pairs = [courier, tls?.pair, sign, log].compactMap { $0 }
        if Set(pairs.map(\.key.publicKey)).count < pairs.count {
            pairs.last?.place.fault("tls, sign, log and courier need a key of their own each")
        }
        for pair in [sign, log].compactMap({ $0 }) where !pair.certificate.allows(.digitalSignature) {
            pair.place.fault("this certificate may not sign (key usage digitalSignature)")
        }
        if let log, log.key.publicKey.kind != .ed25519 {
            log.place.fault("checkpoints are signed with Ed25519; this is another kind of key")
        }
        if let trust {
            tls?.pair.requireTrusted(by: trust, for: .tlsServer, now)
            sign?.requireTrusted(by: trust, for: .any, now)
            log?.requireTrusted(by: trust, for: .any, now)
        }
        guard let hub, let tls, let sign, let log,
            let signing = SigningIdentity(agency: hub, certificate: sign.certificate, key: sign.key),
            let checkpoints = CheckpointSigner(origin: hub, key: log.key)
        else { return nil }
        tlsCertificate = tls.pair.certificate
        tlsChainPEM = Array(tls.pair.chain.map(\.pem).joined().utf8)
        tlsKeyPEM = Array(tls.pair.key.pem.utf8)
        self.signing = signing
        (logCertificate, self.checkpoints) = (log.certificate, checkpoints)
        self.courier = courier.flatMap { Self.courierKey($0, endorsedBy: signing, now) }
        if courier != nil && self.courier == nil { return nil }
    }
}

extension BrokerIdentity {
    /// What agencies believe is the sign key's word for the certificate, not its chain.
    private static func courierKey(
        _ pair: KeyPair, endorsedBy signing: SigningIdentity, _ now: Timestamp
    ) -> CourierKey? {
        guard
            (pair.certificate.notBefore...max(pair.certificate.notBefore, pair.certificate.notAfter))
                .contains(now.seconds)
        else {
            pair.place.fault("this certificate is not valid now")
            return nil
        }
        let key = CourierKey(certificate: pair.certificate, key: pair.key, endorsedBy: signing)
        if key == nil { pair.place.fault("a courier key is P-256 or RSA of 2048 to 8192 bits") }
        return key
    }
}

/// A certificate with what it chains through, and its key, as a map with `certificate` and `key` names them.
struct KeyPair {
    let place: YAMLNode
    let chain: [Certificate]
    let key: PrivateKey

    var certificate: Certificate { chain[0] }

    init?(_ node: YAMLNode) {
        guard let pair = node.map({ KeyPair(node, $0) }) else { return nil }
        self = pair
    }

    init?(_ node: YAMLNode, _ map: YAMLMap) {
        let chain = map.required("certificate")?.certificateFile()
        let keyPlace = map.required("key")
        let key = keyPlace?.keyFile()
        guard let chain, let key else { return nil }
        guard chain[0].publicKey == key.publicKey else {
            keyPlace?.fault("this key is not the certificate's")
            return nil
        }
        (place, self.chain, self.key) = (node, chain, key)
    }

    func requireTrusted(by trust: TrustStore, for purpose: TrustStore.Purpose, _ now: Timestamp) {
        let verdict = trust.verify(
            certificate, intermediates: Array(chain.dropFirst()), purpose: purpose, at: now.seconds)
        if case .refused(let refusal) = verdict {
            place.fault("this certificate does not chain to an anchor under trust: \(refusal.code)")
        }
    }
}

/// The pair of the HTTPS port and the lowest version of TLS.
struct TLSFiles {
    let pair: KeyPair
    let allowsTLS12: Bool

    init?(_ node: YAMLNode) {
        let read = node.map { map -> (KeyPair?, Bool) in
            let minimum = map.optional("minimum")?.value("\"1.2\" or \"1.3\"") { ["1.2": true, "1.3": false][$0] }
            return (KeyPair(node, map), minimum ?? false)
        }
        guard let read, let pair = read.0 else { return nil }
        (self.pair, allowsTLS12) = (pair, read.1)
    }

    /// Who pushes is a TLS client too.
    func requireClientAuth() {
        guard !pair.certificate.hasClientAuth else { return }
        pair.place.fault("the roster has agencies with push, so this certificate needs the usage clientAuth as well")
    }
}
