import Testing

@testable import JSONSchema

@Suite struct IPFormatTests {
    @Test(arguments: [
        "1", "1.2", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..3.4", "1.2.3.", "256.0.0.1", "0.0.0.256",
        "1.2.3.999",
        "1.2.3.1000", "-1.2.3.4", "+1.2.3.4", "1.2.3.4/8", "1.2.3.4:80", "0x1.2.3.4", "1.2.3.a", "1,2,3,4", " 1.2.3.4",
        "1.2.3.4 ", "1.2.3 .4", "2130706433", "1.2.3.٤", "１.2.3.4", "1。2。3。4", "1.2.3.²",
    ])
    func `a text that is no dotted-quad (RFC 2673 §3.2) is refused`(_ text: String) {
        #expect(!Format.ipv4.accepts(text))
    }

    @Test(arguments: ["01.2.3.4", "1.02.3.4", "1.2.003.4", "1.2.3.00", "127.0.0.01", "010.0.0.1"])
    func `zeros do not lead`(_ text: String) {
        #expect(!Format.ipv4.accepts(text))
    }

    @Test(arguments: ["0.0.0.0", "255.255.255.255", "10.1.20.99", "127.0.0.1", "192.0.2.255", "249.200.199.100"])
    func `an IPv4 address is accepted`(_ text: String) {
        #expect(Format.ipv4.accepts(text))
    }

    @Test(arguments: [
        ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", ":2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8:9", "1::2::3", ":::1", "1:::2", "1:2:::", "12345::", "::12345", "::00001",
        "g::", "::-1", "::0x1", "::1 ", " ::1", "[::1]", "::1]", "::1/64", "::1:", "1:2:3:4:5:6:7::8:9", "::１", "∷1",
    ])
    func `a text that is no address of RFC 4291 §2.2 is refused`(_ text: String) {
        #expect(!Format.ipv6.accepts(text))
    }

    @Test(arguments: [
        "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:2:3:4:5:6::1.2.3.4", "::1:2:3:4:5:6:1.2.3.4",
    ])
    func `a double colon that stands for no group (RFC 4291 §2.2) is refused`(_ text: String) {
        #expect(!Format.ipv6.accepts(text))
    }

    @Test(arguments: [
        "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
        "::ffff:256.0.0.1", "::ffff:1.2.3.04", "::ffff:1.2.3.٤", "::1.2.3.4 ", "::1.2.3.4/96", ":1.2.3.4", "::1:2.3.4",
        "::.1.2.3", "::1.2..4", "::1.2.3.4::",
    ])
    func `an embedded IPv4 address that is none, or not the last 32 bits, is refused`(_ text: String) {
        #expect(!Format.ipv6.accepts(text))
    }

    @Test(arguments: ["fe80::1%eth0", "fe80::%1", "::%", "fe80::1%25eth0"])
    func `a zone (RFC 4007 §11) is refused, for RFC 4291 has none`(_ text: String) {
        #expect(!Format.ipv6.accepts(text))
    }

    @Test(arguments: [
        "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "1:2:3::8",
        "fe80::A:b", "ABCD:EF01:2345:6789:abcd:ef01:2345:6789", "0:0:0:0:0:0:0:0", "::ffff:1.2.3.4", "::1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5::1.2.3.4", "::2:3:4:5:6:255.255.255.255", "0000:0000::0000",
        "1111:2222:3333:4444:5555:6666:123.123.123.123",
    ])
    func `an IPv6 address is accepted`(_ text: String) {
        #expect(Format.ipv6.accepts(text))
    }
}
