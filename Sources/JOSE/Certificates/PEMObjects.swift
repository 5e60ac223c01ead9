import COpenSSL

/// The DER of every object of one kind in a PEM text, in order; at least one.
func pemObjects(
    _ text: String, read: (OpaquePointer) -> OpaquePointer?, encode: (OpaquePointer) -> [UInt8]?
) throws(CertificateError) -> [[UInt8]] {
    let objects = Array(text.utf8).withBytes { bytes in
        withOpenSSL { scope -> [[UInt8]]? in
            guard let source = scope.source(bytes) else { return nil }
            var objects: [[UInt8]] = []
            while let pointer = read(source) {
                guard let der = encode(pointer) else { return nil }
                objects.append(der)
            }
            // Reading ends well only where no further object begins.
            let error = ERR_peek_last_error()
            guard ERR_GET_LIB(error) == ERR_LIB_PEM, ERR_GET_REASON(error) == PEM_R_NO_START_LINE else { return nil }
            return objects
        }
    }
    guard let objects else { throw .malformed }
    guard !objects.isEmpty else { throw .wrongCount }
    return objects
}
