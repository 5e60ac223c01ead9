import COpenSSL

/// AES with 256-bit keys: GCM for contents (RFC 7518 §5.3) and key wrap (RFC 3394) for content keys.
enum AES256 {
    static let keyLength = 32
    static let ivLength = 12
    static let tagLength = 16
    /// RFC 3394 adds one block of eight octets.
    static let wrappedKeyLength = 40

    private static let gcm = OpenSSLHandle(EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), free: EVP_CIPHER_free)
    private static let wrap = OpenSSLHandle(EVP_CIPHER_fetch(nil, "AES-256-WRAP", nil), free: EVP_CIPHER_free)

    static func seal(
        _ plaintext: [UInt8], key: [UInt8], iv: [UInt8], authenticating additional: [UInt8]
    ) -> (ciphertext: [UInt8], tag: [UInt8])? {
        withOpenSSL { scope in
            guard let context = start(gcm, key, iv, encrypting: true, &scope), add(additional, to: context),
                let ciphertext = update(plaintext, in: context), finish(context)
            else { return nil }
            var tag = [UInt8](repeating: 0, count: tagLength)
            let done = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag)
            return done == 1 ? (ciphertext, tag) : nil
        }
    }

    /// Nil unless the tag is right; nothing of the plaintext leaves before that is known.
    static func open(
        _ ciphertext: [UInt8], key: [UInt8], iv: [UInt8], tag: [UInt8], authenticating additional: [UInt8]
    ) -> [UInt8]? {
        precondition(tag.count == tagLength)
        return withOpenSSL { scope in
            var tag = tag
            guard let context = start(gcm, key, iv, encrypting: false, &scope), add(additional, to: context),
                let plaintext = update(ciphertext, in: context),
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1,
                finish(context)
            else { return nil }
            return plaintext
        }
    }

    static func wrap(_ contentKey: [UInt8], with key: [UInt8]) -> [UInt8]? {
        withOpenSSL { scope in
            start(wrap, key, nil, encrypting: true, &scope).flatMap { update(contentKey, in: $0) }
        }
    }

    /// Nil unless the wrapped key was made with this key.
    static func unwrap(_ wrapped: [UInt8], with key: [UInt8]) -> [UInt8]? {
        guard wrapped.count == wrappedKeyLength else { return nil }
        return withOpenSSL { scope in
            start(wrap, key, nil, encrypting: false, &scope).flatMap { update(wrapped, in: $0) }
        }
    }

    private static func start(
        _ cipher: OpenSSLHandle, _ key: [UInt8], _ iv: [UInt8]?, encrypting: Bool, _ scope: inout OpenSSLScope
    ) -> OpaquePointer? {
        precondition(key.count == keyLength && (iv == nil || iv?.count == ivLength))
        guard let context = scope.own(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) else { return nil }
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
        guard EVP_CipherInit_ex2(context, scope.borrow(cipher), key, iv, encrypting ? 1 : 0, nil) == 1 else {
            return nil
        }
        return context
    }

    private static func add(_ additional: [UInt8], to context: OpaquePointer) -> Bool {
        var count: Int32 = 0
        return additional.isEmpty || EVP_CipherUpdate(context, nil, &count, additional, Int32(additional.count)) == 1
    }

    private static func update(_ input: [UInt8], in context: OpaquePointer) -> [UInt8]? {
        guard input.count < Int(Int32.max) - 64 else { return nil }
        guard !input.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: input.count + 16)
        var count: Int32 = 0
        guard EVP_CipherUpdate(context, &output, &count, input, Int32(input.count)) == 1, count > 0 else { return nil }
        return Array(output.prefix(Int(count)))
    }

    /// GCM has nothing left to put out; the call checks or makes the tag.
    private static func finish(_ context: OpaquePointer) -> Bool {
        var rest = [UInt8](repeating: 0, count: 16)
        var count: Int32 = 0
        return EVP_CipherFinal_ex(context, &rest, &count) == 1 && count == 0
    }
}
