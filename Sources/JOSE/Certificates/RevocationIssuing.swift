import COpenSSL

extension CertificateAuthority {
    /// A revocation list (version 2) with its number and the issuer's key identifier.
    /// - Parameters:
    ///   - revoked: serial numbers as ``Certificate/serialHex`` gives them, each once, and when each was revoked.
    ///   - number: counts the issuer's lists; rises with each (RFC 5280 §5.2.3).
    /// - Throws: ``CertificateError/notIssuable`` for times or serial numbers that a list cannot hold, and where issuer
    ///   and issuer's key do not belong together.
    public static func revocationList(
        issuer: Certificate, key: PrivateKey, revoked: [(serialHex: String, date: Int64)], thisUpdate: Int64,
        nextUpdate: Int64, number: Int
    ) throws(CertificateError) -> RevocationList {
        guard issuer.isCA, issuer.publicKey == key.publicKey, thisUpdate < nextUpdate, number >= 0,
            Set(revoked.map(\.serialHex)).count == revoked.count
        else { throw .notIssuable }
        let der = try withOpenSSL { scope throws(CertificateError) in
            let authority = scope.borrow(issuer.handle)
            guard let list = scope.own(X509_CRL_new(), X509_CRL_free), X509_CRL_set_version(list, 1) == 1,
                X509_CRL_set_issuer_name(list, X509_get_subject_name(authority)) == 1
            else { throw .notIssuable }
            try withTime(thisUpdate) { X509_CRL_set1_lastUpdate(list, $0) }
            try withTime(nextUpdate) { X509_CRL_set1_nextUpdate(list, $0) }
            for entry in revoked { try add(entry.serialHex, entry.date, to: list) }
            try addExtensions(number, authority, to: list)
            guard X509_CRL_sort(list) == 1,
                X509_CRL_sign(list, scope.borrow(key.handle), key.certificateDigest) > 0,
                let der = derOctets({ i2d_X509_CRL(list, $0) })
            else { throw .notIssuable }
            return der
        }
        return try RevocationList(der: der)
    }

    private static func add(_ serialHex: String, _ date: Int64, to list: OpaquePointer) throws(CertificateError) {
        guard let serial = Hex.decode(serialHex.utf8), (1...20).contains(serial.count),
            let number = BN_bin2bn(serial, Int32(serial.count), nil)
        else { throw .notIssuable }
        defer { BN_free(number) }
        guard let integer = BN_to_ASN1_INTEGER(number, nil) else { throw .notIssuable }
        defer { ASN1_INTEGER_free(integer) }
        guard let entry = X509_REVOKED_new() else { throw .notIssuable }
        guard X509_REVOKED_set_serialNumber(entry, integer) == 1, X509_CRL_add0_revoked(list, entry) == 1 else {
            X509_REVOKED_free(entry)
            throw .notIssuable
        }
        // The list owns the entry from here on.
        try withTime(date) { X509_REVOKED_set_revocationDate(entry, $0) }
    }

    private static func addExtensions(
        _ number: Int, _ authority: OpaquePointer, to list: OpaquePointer
    ) throws(CertificateError) {
        guard let integer = ASN1_INTEGER_new() else { throw .notIssuable }
        defer { ASN1_INTEGER_free(integer) }
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, authority, nil, nil, list, 0)
        guard ASN1_INTEGER_set_int64(integer, Int64(number)) == 1,
            X509_CRL_add1_ext_i2d(list, NID_crl_number, integer, 0, 0) == 1,
            let identifier = X509V3_EXT_nconf_nid(nil, &context, NID_authority_key_identifier, "keyid:always")
        else { throw .notIssuable }
        defer { X509_EXTENSION_free(identifier) }
        guard X509_CRL_add_ext(list, identifier, -1) == 1 else { throw .notIssuable }
    }
}
