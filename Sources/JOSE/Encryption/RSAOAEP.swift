import COpenSSL

/// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 §4.3).
enum RSAOAEP {
    static func encrypt(_ bytes: [UInt8], to key: PublicKey) -> [UInt8]? {
        run(bytes, key.handle, start: EVP_PKEY_encrypt_init, EVP_PKEY_encrypt)
    }

    static func decrypt(_ bytes: [UInt8], with key: PrivateKey) -> [UInt8]? {
        run(bytes, key.handle, start: EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
    }

    private static func run(
        _ bytes: [UInt8], _ key: OpenSSLHandle, start: (OpaquePointer?) -> Int32,
        _ operation: (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
        ) -> Int32
    ) -> [UInt8]? {
        withOpenSSL { scope in
            guard
                let context = scope.own(EVP_PKEY_CTX_new_from_pkey(nil, scope.borrow(key), nil), EVP_PKEY_CTX_free),
                start(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1,
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
            else { return nil }
            var count = 0
            guard operation(context, nil, &count, bytes, bytes.count) == 1 else { return nil }
            var output = [UInt8](repeating: 0, count: count)
            guard operation(context, &output, &count, bytes, bytes.count) == 1 else { return nil }
            return Array(output.prefix(count))
        }
    }
}
