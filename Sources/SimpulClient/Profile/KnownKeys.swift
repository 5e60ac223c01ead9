public import JOSE
public import SimpulCore
internal import SimpulEnvelope

/// Whom this client believes (protocol §2): the `sign` certificates in its `known` folder, which came to it out of band,
/// and what those endorse. What a directory says beyond that is never believed.
public struct KnownKeys: Sendable {
    private let known: [SHA256Digest: Signer]
    private let endorsed: [SHA256Digest: Signer]
    private let trust: TrustStore

    /// A believed `sign` certificate and whose it is.
    public struct Signer: Sendable, Equatable {
        /// The agency, or the broker.
        public var agency: AgencyID
        /// The certificate.
        public var certificate: Certificate
        private let endorsed: Range<Timestamp>?

        /// A signer that is believed for its own sake.
        public init(agency: AgencyID, certificate: Certificate) {
            self.init(agency: agency, certificate: certificate, endorsed: nil)
        }

        /// - Parameter endorsed: when the endorsement counts that it is believed by.
        init(agency: AgencyID, certificate: Certificate, endorsed: Range<Timestamp>?) {
            self.agency = agency
            self.certificate = certificate
            self.endorsed = endorsed
        }

        /// Whether the certificate is in date at that moment, and so is the endorsement where it is believed by one.
        public func isValid(at moment: Timestamp) -> Bool {
            (certificate.notBefore...max(certificate.notBefore, certificate.notAfter)).contains(moment.seconds)
                && endorsed?.contains(moment) ?? true
        }
    }

    /// Those signers, and an authority that everything endorsed must chain to besides.
    public init(_ signers: [Signer], trust: TrustStore) {
        known = Dictionary(signers.map { ($0.certificate.thumbprint, $0) }, uniquingKeysWith: { first, _ in first })
        endorsed = [:]
        self.trust = trust
    }

    private init(known: [SHA256Digest: Signer], endorsed: [SHA256Digest: Signer], trust: TrustStore) {
        self.known = known
        self.endorsed = endorsed
        self.trust = trust
    }

    /// Reads a folder of `<agency id>.pem` files, each with one or more certificates (two during a renewal); at most
    /// 10 000 files of 64 KiB.
    /// - Throws: ``ClientError`` where a file has another name or content, or a certificate is in two files.
    public init(folder: String, trust: TrustStore) throws(ClientError) {
        var signers: [Signer] = []
        do {
            let names = try FileAccess.names(in: folder, limit: 10_001)
            guard names.count <= 10_000 else {
                throw ClientError.known(folder, "more than 10 000 files", "lebih dari 10 000 berkas")
            }
            for name in names {
                let path = "\(folder)/\(name)"
                guard name.hasSuffix(".pem"), let agency = AgencyID(String(name.dropLast(4))) else {
                    throw ClientError.known(
                        path, "the name is not <agency id>.pem", "nama berkas bukan <id instansi>.pem")
                }
                let text = String(decoding: try FileAccess.read(path, limit: 64 * 1024), as: UTF8.self)
                signers += try Certificate.chain(pem: text).map { Signer(agency: agency, certificate: $0) }
            }
        } catch let error as ClientError {
            throw error
        } catch let error as FileError {
            throw ClientError(error)
        } catch {
            throw ClientError.known(folder, "a file holds no certificate", "ada berkas yang tidak berisi sertifikat")
        }
        guard Set(signers.map(\.certificate.thumbprint)).count == signers.count else {
            throw ClientError.known(folder, "a certificate stands in two files", "satu sertifikat ada di dua berkas")
        }
        self.init(signers, trust: trust)
    }

    /// The believed signer with that thumbprint; no other key is ever tried.
    public func signer(_ thumbprint: SHA256Digest) -> Signer? { known[thumbprint] ?? endorsed[thumbprint] }

    /// These keys, and those `sign` certificates of a directory that a key of the folder endorsed for the same agency.
    /// Endorsement reaches one step, not further.
    public func extended(by directory: DirectoryListing, at now: Timestamp) -> KnownKeys {
        var signers: [SHA256Digest: Signer] = [:]
        for (agency, certificates) in directory.agencies {
            for listed in certificates where listed.use == "sign" && listed.certificate.allows(.digitalSignature) {
                guard let times = endorsed(listed, of: agency, for: .sign, by: { known[$0] }, at: now) else { continue }
                signers[listed.certificate.thumbprint] = Signer(
                    agency: agency, certificate: listed.certificate, endorsed: times)
            }
        }
        return KnownKeys(known: known, endorsed: signers, trust: trust)
    }

    /// The certificates that a body for that agency may be sealed to: listed by the directory, and endorsed by a
    /// believed key of that same agency, in date, and under the authority.
    /// - Throws: ``ClientError`` that names the agency where there is none.
    public func sealingCertificates(
        of agency: AgencyID, in directory: DirectoryListing, at now: Timestamp
    ) throws(ClientError) -> [Certificate] {
        guard let listed = directory.agencies[agency] else {
            throw ClientError(
                .refused, ErrorCode.recipientUnknown.rawValue,
                LocalizedText(
                    "The directory does not list \(agency); check recipients and fallback.",
                    "Direktori tidak mencantumkan \(agency); periksa recipients dan fallback."))
        }
        let certificates = listed.filter { candidate in
            candidate.use == "seal" && candidate.certificate.receivesKeys
                && endorsed(candidate, of: agency, for: .seal, by: signer, at: now) != nil
        }.map(\.certificate)
        guard !certificates.isEmpty else {
            throw ClientError(
                .refused, "seal-unendorsed",
                LocalizedText(
                    "No sealing certificate of \(agency) is endorsed by a key that you know. Ask \(agency) for its sign certificate and put it into known/\(agency).pem.",
                    "Tidak ada sertifikat segel \(agency) yang dijamin oleh kunci yang Anda kenal. Minta sertifikat sign dari \(agency) dan simpan di known/\(agency).pem."
                ))
        }
        return certificates
    }

    /// The broker's certificates that bundles for it may be sealed to: those that its own `sign` key, from the folder,
    /// has endorsed for just that. Their chains say nothing.
    public func courierCertificates(
        of hub: AgencyID, in directory: DirectoryListing, at now: Timestamp
    ) -> [Certificate] {
        directory.broker.filter { candidate in
            candidate.use == CertificateUse.courier.rawValue && candidate.certificate.receivesKeys
                && endorsed(candidate, of: hub, for: .courier, by: { known[$0] }, at: now, isChained: false) != nil
        }.map(\.certificate)
    }

    /// From when until when a believed key endorses the certificate; nil where none does now.
    private func endorsed(
        _ listed: DirectoryListing.Listed, of agency: AgencyID, for use: CertificateUse,
        by signers: (SHA256Digest) -> Signer?, at now: Timestamp, isChained: Bool = true
    ) -> Range<Timestamp>? {
        guard let token = listed.endorsement,
            let signed = try? SignedStatement(
                endorsement: token,
                signers: { thumbprint in
                    signers(thumbprint).flatMap { $0.agency == agency && $0.isValid(at: now) ? $0.certificate : nil }
                })
        else { return nil }
        let endorsement = signed.statement
        guard endorsement.agency == agency, endorsement.use == use,
            endorsement.thumbprint == listed.certificate.thumbprint, endorsement.from <= now, now < endorsement.until
        else { return nil }
        guard isChained else { return endorsement.from..<endorsement.until }
        let verdict = trust.verify(listed.certificate, intermediates: [], purpose: .any, at: now.seconds)
        guard case .trusted = verdict else { return nil }
        return endorsement.from..<endorsement.until
    }
}

extension Certificate {
    fileprivate var receivesKeys: Bool {
        switch KeyManagement(for: publicKey.kind) {
        case .ecdhESA256KW: allows(.keyAgreement)
        case .rsaOAEP256: allows(.keyEncipherment)
        case nil: false
        }
    }
}

extension ClientError {
    fileprivate static func known(_ path: String, _ english: String, _ indonesian: String) -> ClientError {
        ClientError(.unable, "profile", LocalizedText("\(path): \(english)", "\(path): \(indonesian)"))
    }
}
