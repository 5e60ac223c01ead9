import COpenSSL

/// Issues certificates and revocation lists (RFC 5280) that strict verifiers accept: version 3, random serial numbers
/// of 128 bits, key identifiers, critical basic constraints and key usage.
public enum CertificateAuthority {
    /// A certification authority's own certificate; it may issue certificates for others, but no further authorities.
    /// - Throws: ``CertificateError/notIssuable`` for names, times or keys that a certificate cannot hold.
    public static func selfSigned(
        commonName: String, organisation: String? = nil, key: PrivateKey, notBefore: Int64, notAfter: Int64
    ) throws(CertificateError) -> Certificate {
        let subject = Subject(commonName: commonName, organisation: organisation)
        return try make { scope throws(CertificateError) in
            var draft = try CertificateDraft(subject, key.publicKey, notBefore, notAfter, &scope)
            try draft.setIssuer(draft.certificate)
            try draft.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
            try draft.add(NID_key_usage, "critical,keyCertSign,cRLSign")
            try draft.add(NID_subject_key_identifier, "hash")
            try draft.add(NID_authority_key_identifier, "keyid:always")
            return try draft.signed(with: key, &scope)
        }
    }

    /// A certificate for somebody else's key.
    /// - Throws: ``CertificateError/notIssuable`` for names, times or keys that a certificate cannot hold, for a use
    ///   that the key cannot have (only P-256 and RSA receive keys), and where issuer and issuer's key do not belong together.
    public static func issue(
        _ template: CertificateTemplate, for publicKey: PublicKey, issuer: Certificate, key: PrivateKey
    ) throws(CertificateError) -> Certificate {
        guard issuer.isCA, issuer.publicKey == key.publicKey, let usage = template.use.keyUsage(of: publicKey.kind)
        else { throw .notIssuable }
        let subject = Subject(commonName: template.commonName, organisation: template.organisation)
        return try make { scope throws(CertificateError) in
            var draft = try CertificateDraft(subject, publicKey, template.notBefore, template.notAfter, &scope)
            try draft.setIssuer(scope.borrow(issuer.handle))
            try draft.add(NID_basic_constraints, "critical,CA:FALSE")
            try draft.add(NID_key_usage, "critical," + usage)
            try draft.add(NID_subject_key_identifier, "hash")
            try draft.add(NID_authority_key_identifier, "keyid:always")
            if !template.extendedUsages.isEmpty {
                try draft.add(NID_ext_key_usage, template.extendedUsages.map(\.rawValue).joined(separator: ","))
            }
            try draft.add(template.names, &scope)
            return try draft.signed(with: key, &scope)
        }
    }

    private static func make(
        _ body: (inout OpenSSLScope) throws(CertificateError) -> [UInt8]
    ) throws(CertificateError) -> Certificate {
        let der = try withOpenSSL { scope throws(CertificateError) in try body(&scope) }
        return try Certificate(der: der)
    }
}

/// The subject of a certificate to be issued.
struct Subject {
    var commonName: String
    var organisation: String?
}

extension CertificateTemplate.Use {
    /// In OpenSSL's words; nil where a key of that kind cannot be used so.
    fileprivate func keyUsage(of kind: KeyKind) -> String? {
        switch (self, kind) {
        case (_, .other): nil
        case (.signature, _): "digitalSignature"
        case (.encryption, .p256): "keyAgreement"
        case (.encryption, .rsa): "keyEncipherment"
        case (.encryption, .p384), (.encryption, .p521), (.encryption, .ed25519), (.encryption, .ed448): nil
        }
    }
}
