import COpenSSL

extension Certificate {
    /// Whether the subject alternative names name that host (RFC 9525 §6.3): the DNS name itself, or a wildcard that is
    /// the whole of its left-most label. The subject is not looked at.
    public func names(host: String) -> Bool {
        guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
        return withOpenSSL { scope in
            let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT) | UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
            return X509_check_host(scope.borrow(handle), host, host.utf8.count, flags, nil) == 1
        }
    }

    /// Whether the subject alternative names have that IP address, 4 or 16 octets in network order.
    public func names(address: [UInt8]) -> Bool {
        withOpenSSL { scope in X509_check_ip(scope.borrow(handle), address, address.count, 0) == 1 }
    }
}
