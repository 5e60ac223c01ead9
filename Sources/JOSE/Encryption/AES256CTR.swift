import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A §6.5) over octets that come in pieces: of a file each octet is added to one
/// of the key stream, so the ciphertext is as long as the text, and the same call goes both ways.
///
/// It hides, and proves nothing: whoever can change the ciphertext changes the text. The digest of the ciphertext must
/// be verified before. A key and IV are for one file only: two texts under one key stream give each other away.
public final class AES256CTR {
    /// Octets of a key.
    public static let keyLength = 32
    /// Octets of an IV: the first counter block, which counts up as one number of 128 bits.
    public static let ivLength = 16

    private static let cipher = OpenSSLHandle(EVP_CIPHER_fetch(nil, "AES-256-CTR", nil), free: EVP_CIPHER_free)
    private let context: OpaquePointer

    /// The beginning of the key stream of a key and an IV; nil where one of them has another length.
    public init?(key: [UInt8], iv: [UInt8]) {
        guard key.count == Self.keyLength, iv.count == Self.ivLength else { return nil }
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("OpenSSL has no memory") }
        self.context = context
        let begun = withOpenSSL { scope in
            EVP_CipherInit_ex2(context, scope.borrow(Self.cipher), key, iv, 1, nil)
        }
        precondition(begun == 1, "AES-256-CTR cannot fail")
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Encrypts or decrypts the octets that come next, in their place; at most 2^31 − 1 of them.
    public func apply(to bytes: UnsafeMutableRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        precondition(bytes.count <= Int(Int32.max), "more octets than one call takes")
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var count: Int32 = 0
        let done = EVP_CipherUpdate(context, start, &count, start, Int32(bytes.count))
        precondition(done == 1 && Int(count) == bytes.count, "a stream cipher cannot fail")
    }
}
