/// Where an agency has its deliveries pushed to, as its roster file says: `https://host[:port][/path]`.
public struct PushEndpoint: Hashable, Sendable {
    /// What is connected to, and what the certificate has to name.
    public enum Host: Hashable, Sendable {
        /// A DNS name in lower case.
        case name(String)
        /// An address, written as such.
        case address(NetworkAddress)
    }

    /// What is connected to.
    public let host: Host
    /// The host as the URL has it; an IPv6 address in brackets.
    public let hostText: String
    /// The port; 443 where the URL names none.
    public let port: Int
    /// The path, `/` at the least.
    public let path: String
    /// Whether addresses of ``NetworkAddress/Kind/special`` may be connected to.
    public var allowsPrivateAddresses: Bool

    /// Octets of a URL at the most.
    public static let longest = 1024

    /// Reads a URL; nil for another scheme than `https`, for user information, a query, a fragment, and for a host that is
    /// neither a DNS name nor an address in its usual form.
    public init?(_ text: String, allowsPrivateAddresses: Bool = false) {
        guard text.utf8.count <= Self.longest, text.lowercased().hasPrefix("https://") else { return nil }
        let rest = text.dropFirst(8)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        guard let (host, port) = Self.hostAndPort(authority), Self.isPath(path.utf8),
            let read = Self.host(host.lowercased())
        else { return nil }
        (self.host, hostText, self.port) = (read, host.lowercased(), port)
        self.path = path.isEmpty ? "/" : String(path)
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }

    /// The header field `Host` (RFC 9110 §7.2).
    public var hostField: String { port == 443 ? hostText : "\(hostText):\(port)" }

    /// Whether an address may be connected to.
    public func mayConnect(to address: NetworkAddress) -> Bool {
        switch address.kind {
        case .publicHost: true
        case .special: allowsPrivateAddresses
        case .nobody: false
        }
    }

    private static func hostAndPort(_ authority: Substring) -> (String, Int)? {
        let end = authority.first == "[" ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
        let host = authority[..<(end ?? authority.firstIndex(of: ":") ?? authority.endIndex)]
        let rest = authority[host.endIndex...]
        guard !rest.isEmpty else { return (String(host), 443) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit),
            let port = Int(digits), (1...65535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    private static func host(_ text: String) -> Host? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let address = NetworkAddress(String(text.dropFirst().dropLast())), address.octets.count == 16 else {
                return nil
            }
            return .address(address)
        }
        if let address = NetworkAddress(text) { return address.octets.count == 4 ? .address(address) : nil }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
        }
        // Resolvers take names whose last label is a number (127.1, 0x7f.1) for addresses.
        guard isName, text.utf8.count <= 253, let last = labels.last?.first, !isDigit(last) else { return nil }
        return .name(text)
    }

    /// RFC 3986 §3.3, without a query.
    private static func isPath(_ octets: Substring.UTF8View) -> Bool {
        let marks = Set("-._~!$&'()*+,;=:@/".utf8)
        var escaped = 0
        for octet in octets {
            if escaped > 0 {
                guard isDigit(octet) || (0x61...0x66).contains(octet | 0x20) else { return false }
                escaped -= 1
            } else if octet == UInt8(ascii: "%") {
                escaped = 2
            } else if !isDigit(octet), !(0x61...0x7A).contains(octet | 0x20), !marks.contains(octet) {
                return false
            }
        }
        return escaped == 0
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }
}

extension PushEndpoint: CustomStringConvertible {
    /// The URL with its port.
    public var description: String { "https://\(hostText):\(port)\(path)" }
}
