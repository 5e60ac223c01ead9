import COpenSSL

/// Keeps one OpenSSL object for as long as someone refers to it, and frees it once.
///
/// `@unchecked Sendable` is safe here: the pointer never changes; the kinds held (`EVP_PKEY`, `X509`, `X509_CRL`,
/// `X509_STORE`, `EVP_MD`, `EVP_CIPHER`) are complete before any other thread sees them and only read afterwards;
/// OpenSSL counts their references atomically and guards what it computes late (extension caches, sorted revocation
/// lists, the store's objects) with the object's own lock; each operation on them has a context of its own.
final class OpenSSLHandle: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// Takes over a reference. Nil means that OpenSSL had no memory, or lacks an algorithm this module is built on.
    init(_ pointer: OpaquePointer?, free: @escaping (OpaquePointer?) -> Void) {
        guard let pointer else { preconditionFailure("OpenSSL could not make an object") }
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }

    /// For comparing objects only.
    func isSame(as other: OpaquePointer) -> Bool { pointer == other }
}

/// The OpenSSL objects of one operation: all are alive until it ends, temporary ones are freed then.
struct OpenSSLScope {
    private var temporaries: [(pointer: OpaquePointer, free: (OpaquePointer?) -> Void)] = []
    private var borrowed: [OpenSSLHandle] = []

    fileprivate init() {}

    /// Takes over a reference until the operation ends; nil stays nil.
    mutating func own(_ pointer: OpaquePointer?, _ free: @escaping (OpaquePointer?) -> Void) -> OpaquePointer? {
        if let pointer { temporaries.append((pointer, free)) }
        return pointer
    }

    /// The object of a handle, which lives at least until the operation ends.
    mutating func borrow(_ handle: OpenSSLHandle) -> OpaquePointer {
        borrowed.append(handle)
        return handle.pointer
    }

    fileprivate mutating func end() {
        for temporary in temporaries.reversed() { temporary.free(temporary.pointer) }
        temporaries = []
        borrowed = []
        ERR_clear_error()
    }
}

/// Runs one operation; afterwards its temporaries are freed and the thread's OpenSSL error queue is empty.
func withOpenSSL<Result, Failure: Error>(
    _ body: (inout OpenSSLScope) throws(Failure) -> Result
) throws(Failure) -> Result {
    var scope = OpenSSLScope()
    defer { scope.end() }
    return try body(&scope)
}
