import COpenSSL

/// Octets that nobody can guess, from OpenSSL's generator, which the kernel seeds.
public enum SecureRandom {
    /// Fresh random octets. A generator that fails stops the process: nothing safe could be done after that.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "a count of octets that OpenSSL can give at once")
        return [UInt8](unsafeUninitializedCapacity: count) { output, filled in
            let done = withOpenSSL { _ in RAND_bytes(output.baseAddress, Int32(count)) }
            precondition(count == 0 || done == 1, "the random generator failed")
            filled = count
        }
    }
}
