import COpenSSL

extension OpenSSLScope {
    /// A source that reads octets; they must outlive the operation's use of it.
    mutating func source(_ bytes: UnsafeBufferPointer<UInt8>) -> OpaquePointer? {
        guard bytes.count <= Int(Int32.max) else { return nil }
        return own(BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)), BIO_free_all)
    }

    /// The text that a writer puts into a memory buffer, or nil where the writer fails.
    mutating func text(_ write: (OpaquePointer) -> Bool) -> String? {
        guard let buffer = own(BIO_new(BIO_s_mem()), BIO_free_all), write(buffer) else { return nil }
        let count = BIO_ctrl_pending(buffer)
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { output, filled in
            filled = max(0, Int(BIO_read(buffer, output.baseAddress, Int32(count))))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The DER octets that an `i2d_…` function writes, or nil where it fails.
func derOctets(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
    let count = encode(nil)
    guard count > 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(count)) { output, filled in
        var next = output.baseAddress
        filled = max(0, Int(encode(&next)))
    }
}

/// What a `d2i_…` function reads from octets that must be used up to the last one.
func parseDER(
    _ bytes: UnsafeBufferPointer<UInt8>, free: (OpaquePointer?) -> Void,
    _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?
) -> OpaquePointer? {
    var next = bytes.baseAddress
    guard let object = decode(&next, bytes.count) else { return nil }
    guard next == bytes.baseAddress.map({ $0 + bytes.count }) else {
        free(object)
        return nil
    }
    return object
}

/// Seconds since 1970 of an ASN.1 time, or nil where it is none.
func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return nil }
    defer { ASN1_TIME_free(epoch) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
    return Int64(days) * 86_400 + Int64(seconds)
}
