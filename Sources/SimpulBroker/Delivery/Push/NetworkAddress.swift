internal import Glibc

/// An IPv4 or IPv6 address, and what kind of place it names. A name in a roster file can be made to resolve to anything,
/// so it is the address that is judged, and the very address that was judged is connected to.
public struct NetworkAddress: Hashable, Sendable {
    /// Where an address leads.
    public enum Kind: Sendable, Hashable {
        /// One host of the public network.
        case publicHost
        /// This machine, its network, or another network that only some can reach: loopback, link-local, private use
        /// (RFC 1918), shared (RFC 6598), unique local (RFC 4193), IPv4-mapped, documentation and other special use
        /// (RFC 6890).
        case special
        /// No single host: unspecified, multicast, broadcast, reserved. Nothing is ever sent there.
        case nobody
    }

    /// 4 or 16 octets, in network order.
    public let octets: [UInt8]

    /// An address of 4 or 16 octets; nil for another number.
    public init?(octets: [UInt8]) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        self.octets = octets
    }

    /// Parses dotted decimal with four parts, or IPv6 (RFC 4291 §2.2) without a zone; nil for anything else, such as the
    /// shortened or hexadecimal forms of IPv4.
    public init?(_ text: String) {
        guard text.utf8.count < 64 else { return nil }
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &octets) == 1 {
            self.octets = Array(octets.prefix(4))
        } else if inet_pton(AF_INET6, text, &octets) == 1 {
            self.octets = octets
        } else {
            return nil
        }
    }

    /// What kind of place it names.
    public var kind: Kind { octets.count == 4 ? Self.kind(ofIPv4: octets) : Self.kind(ofIPv6: octets) }

    private static func kind(ofIPv4 octets: [UInt8]) -> Kind {
        if octets[0] == 0 || octets[0] >= 224 { return .nobody }
        return specialIPv4.contains { $0.covers(octets) } ? .special : .publicHost
    }

    private static func kind(ofIPv6 octets: [UInt8]) -> Kind {
        if octets.allSatisfy({ $0 == 0 }) || octets[0] == 0xFF { return .nobody }
        if translated.covers(octets) { return kind(ofIPv4: Array(octets.suffix(4))) }
        if mapped.covers(octets) {
            return kind(ofIPv4: Array(octets.suffix(4))) == .nobody ? .nobody : .special
        }
        guard octets[0] & 0xE0 == 0x20 else { return .special }
        return specialIPv6.contains { $0.covers(octets) } ? .special : .publicHost
    }

    /// The first so many bits of an address.
    private struct Range {
        let first: [UInt8]
        let bits: Int

        init(_ first: [UInt8], _ bits: Int) { (self.first, self.bits) = (first, bits) }

        func covers(_ octets: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                return octets[bit / 8] & mask == (bit / 8 < first.count ? first[bit / 8] : 0) & mask
            }
        }
    }

    /// NAT64 (RFC 6052): an IPv4 address in the last four octets.
    private static let translated = Range([0, 0x64, 0xFF, 0x9B], 96)
    /// IPv4-mapped (RFC 4291 §2.5.5.2).
    private static let mapped = Range([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96)

    private static let specialIPv4 = [
        Range([10], 8), Range([100, 64], 10), Range([127], 8), Range([169, 254], 16), Range([172, 16], 12),
        Range([192, 0, 0], 24), Range([192, 0, 2], 24), Range([192, 88, 99], 24), Range([192, 168], 16),
        Range([198, 18], 15), Range([198, 51, 100], 24), Range([203, 0, 113], 24),
    ]

    /// Of 2000::/3; everything outside of it is special anyway.
    private static let specialIPv6 = [
        Range([0x20, 0x01], 23), Range([0x20, 0x01, 0x0D, 0xB8], 32), Range([0x20, 0x02], 16), Range([0x3F, 0xFF], 20),
    ]
}
