import COpenSSL
internal import NIOConcurrencyHelpers

/// SHA-256 (FIPS 180-4) of octets that come in pieces; about 300 octets of memory, however many come.
///
/// `@unchecked Sendable` is safe here: the pointer is a `let` and never leaves this class; `init` uses it before anybody else
/// has the object, `deinit` when nobody else has, and every use in between is under the lock.
public final class RunningSHA256: @unchecked Sendable {
    private let lock = NIOLock()
    private let context: OpaquePointer
    private static let algorithm = OpenSSLHandle(EVP_MD_fetch(nil, "SHA256", nil), free: EVP_MD_free)

    /// The digest of nothing yet.
    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("OpenSSL has no memory") }
        self.context = context
        let begun = withOpenSSL { scope in EVP_DigestInit_ex2(context, scope.borrow(Self.algorithm), nil) }
        precondition(begun == 1, "SHA-256 cannot fail")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the octets that come next.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        let done = lock.withLock { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
        precondition(done == 1, "SHA-256 cannot fail")
    }

    /// Takes the octets that come next.
    public func update(_ bytes: some Collection<UInt8>) {
        bytes.withBytes { update(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of all that has come so far; more may come.
    public var digest: SHA256Digest {
        let bytes = [UInt8](unsafeUninitializedCapacity: 32) { output, count in
            let done = lock.withLock { () -> Int32 in
                guard let copy = EVP_MD_CTX_new() else { return 0 }
                defer { EVP_MD_CTX_free(copy) }
                guard EVP_MD_CTX_copy_ex(copy, context) == 1 else { return 0 }
                return EVP_DigestFinal_ex(copy, output.baseAddress, nil)
            }
            precondition(done == 1, "SHA-256 cannot fail")
            count = 32
        }
        guard let digest = SHA256Digest(bytes: bytes) else { preconditionFailure("a SHA-256 digest has 32 octets") }
        return digest
    }
}
