public import JOSE
internal import SimpulCore
public import SimpulEnvelope

/// The keys that a profile names, read: with them the agency signs, opens and speaks TLS.
public struct AgencyKeys: Sendable {
    /// What envelopes are signed with.
    public let signing: SigningIdentity
    /// What sealed bodies are opened with: the newest first, older ones for what is still on its way.
    public let sealing: [SealingKey]
    /// What the broker is greeted with.
    public let tls: TLSFiles
    /// The authority that certificates of brokers and agencies chain to.
    public let trust: TrustStore

    /// A private key that opens bodies, and its certificate.
    public struct SealingKey: Sendable {
        /// The certificate whose thumbprint the sealed body names.
        public let certificate: Certificate
        /// The key.
        public let key: PrivateKey

        /// A pair, or nil where the certificate is not that key's.
        public init?(certificate: Certificate, key: PrivateKey) {
            guard certificate.publicKey == key.publicKey else { return nil }
            self.certificate = certificate
            self.key = key
        }
    }

    /// PEM texts for TLS.
    public struct TLSFiles: Sendable {
        /// The client certificate, and those between it and the authority.
        public let certificates: [UInt8]
        /// The client's private key.
        public let key: [UInt8]
        /// The authorities that the broker's certificate must chain to.
        public let authorities: [UInt8]
    }

    /// Keys that are in memory already.
    public init(signing: SigningIdentity, sealing: [SealingKey], tls: TLSFiles, trust: TrustStore) {
        self.signing = signing
        self.sealing = sealing
        self.tls = tls
        self.trust = trust
    }

    /// Reads the files that the profile names, every one of at most 64 KiB.
    /// - Throws: ``ClientError`` that names the first file that is missing, broken, or does not fit its partner.
    public init(_ profile: ClientProfile) throws(ClientError) {
        let authorities = try Self.read(profile.authority)
        tls = TLSFiles(
            certificates: try Self.read(profile.tls.certificate), key: try Self.read(profile.tls.key),
            authorities: authorities)
        trust = TrustStore(
            anchors: try Self.parsed(profile.authority) { () throws(CertificateError) in
                try Certificate.chain(pem: String(decoding: authorities, as: UTF8.self))
            }, revocationLists: [], generation: 0)
        let (certificate, key) = try Self.pair(profile.sign)
        guard let signing = SigningIdentity(agency: profile.agency, certificate: certificate, key: key) else {
            throw .mismatch(profile.sign)
        }
        self.signing = signing
        var sealing: [SealingKey] = []
        for files in profile.seal {
            let (certificate, key) = try Self.pair(files)
            guard let pair = SealingKey(certificate: certificate, key: key) else { throw .mismatch(files) }
            sealing.append(pair)
        }
        self.sealing = sealing
    }

    private static func pair(_ files: ClientProfile.KeyFiles) throws(ClientError) -> (Certificate, PrivateKey) {
        let certificate = try read(files.certificate)
        let key = try read(files.key)
        return (
            try parsed(files.certificate) { () throws(CertificateError) in
                try Certificate(pem: String(decoding: certificate, as: UTF8.self))
            },
            try parsed(files.key) { () throws(KeyError) in
                try SignatureProfile.privateKey(pem: String(decoding: key, as: UTF8.self))
            }
        )
    }

    private static func read(_ path: String) throws(ClientError) -> [UInt8] {
        do {
            return try FileAccess.read(path, limit: 64 * 1024)
        } catch {
            throw ClientError(error)
        }
    }

    private static func parsed<Value, Fault>(
        _ path: String, _ body: () throws(Fault) -> Value
    ) throws(ClientError) -> Value where Fault: RawRepresentable<String> {
        do {
            return try body()
        } catch {
            throw ClientError(
                .unable, "profile",
                LocalizedText("\(path): \(error.rawValue)", "\(path): isi berkas tidak sesuai (\(error.rawValue))"))
        }
    }
}

extension ClientError {
    fileprivate static func mismatch(_ files: ClientProfile.KeyFiles) -> ClientError {
        ClientError(
            .unable, "profile",
            LocalizedText(
                "\(files.key) is not the key of \(files.certificate).",
                "\(files.key) bukan kunci dari \(files.certificate)."))
    }
}
