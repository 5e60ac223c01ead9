import COpenSSL

/// An object of a PEM text (RFC 7468): what its label says it is, and its octets.
struct PEMObject {
    let label: String
    let der: [UInt8]

    /// Every object of a text, in order, and none where there is none; nil where one begins that cannot be read, or is
    /// encrypted in the old manner, with headers. Text between objects is skipped.
    static func all(in text: String) -> [PEMObject]? {
        Array(text.utf8).withBytes { bytes in
            withOpenSSL { scope in
                guard let source = scope.source(bytes) else { return nil }
                var objects: [PEMObject] = []
                while let (object, hasHeaders) = next(source) {
                    guard !hasHeaders else { return nil }
                    objects.append(object)
                }
                // Reading ends well only where no further object begins.
                let error = ERR_peek_last_error()
                guard ERR_GET_LIB(error) == ERR_LIB_PEM, ERR_GET_REASON(error) == PEM_R_NO_START_LINE else {
                    return nil
                }
                return objects
            }
        }
    }

    private static func next(_ source: OpaquePointer) -> (PEMObject, hasHeaders: Bool)? {
        var (name, headers): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?)
        var data: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard PEM_read_bio(source, &name, &headers, &data, &count) == 1, let name, let headers, let data else {
            return nil
        }
        defer {
            CRYPTO_free(name, nil, 0)
            CRYPTO_free(headers, nil, 0)
            CRYPTO_clear_free(data, count, nil, 0)
        }
        let der = Array(UnsafeBufferPointer(start: data, count: count))
        return (PEMObject(label: String(cString: name), der: der), headers.pointee != 0)
    }
}
