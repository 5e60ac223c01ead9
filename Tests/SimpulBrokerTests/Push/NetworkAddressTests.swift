import SimpulBroker
import Testing

@Suite struct NetworkAddressTests {
    @Test(arguments: [
        "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.7", "::1", "fe80::1", "fc00::1", "fdff::1", "fec0::1", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808", "2001:db8::1", "2001::1",
        "2002:7f00:1::1", "3fff::1", "100::1",
    ])
    func `an address that only some can reach is special`(_ text: String) throws {
        #expect(try #require(NetworkAddress(text)).kind == .special)
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "ff02::1",
        "::ffff:0.0.0.0", "::ffff:224.0.0.1", "64:ff9b::e000:1",
    ])
    func `an address of no single host is nobody's`(_ text: String) throws {
        #expect(try #require(NetworkAddress(text)).kind == .nobody)
    }

    @Test(arguments: [
        "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "172.15.255.255",
        "172.32.0.0", "191.255.255.255", "223.255.255.255", "2606:4700::1111", "2a00::1", "64:ff9b::808:808",
        "2001:200::1",
    ])
    func `others are public`(_ text: String) throws {
        #expect(try #require(NetworkAddress(text)).kind == .publicHost)
    }

    @Test(arguments: [
        "", "127.1", "0x7f.0.0.1", "2130706433", "127.0.0.1.", " 127.0.0.1", "1.2.3.4.5", "::1%lo", "g::",
    ])
    func `another form is no address`(_ text: String) { #expect(NetworkAddress(text) == nil) }

    @Test func `the octets decide, not the text`() throws {
        #expect(NetworkAddress(octets: [127, 0, 0, 1]) == NetworkAddress("127.0.0.1"))
        #expect(NetworkAddress(octets: [1, 2, 3]) == nil)
    }
}

@Suite struct PushEndpointTests {
    @Test(arguments: [
        "", "http://a.example/", "https://", "https:///path", "https://user@a.example/", "https://a.example/?q",
        "https://a.example/#f", "https://a.example:0/", "https://a.example:65536/", "https://a.example:/",
        "https://a.example:443x/", "https://127.1/", "https://0x7f.0.0.1/", "https://2130706433/", "https://a.1/",
        "https://[127.0.0.1]/", "https://[::1", "https://::1/", "https://a..example/", "https://-a.example/",
        "https://a_b.example/", "https://a.example/%", "https://a.example/%4", "https://a.example/ ",
        "ftp://a.example/",
        "https://a.example/\u{e9}", "https://a.example\\@b.example/", "https://a.example/\r\nX: y",
    ])
    func `what is no plain https URL is refused`(_ text: String) { #expect(PushEndpoint(text) == nil) }

    @Test func `too long is refused`() {
        #expect(PushEndpoint("https://a.example/" + String(repeating: "a", count: 1006)) != nil)
        #expect(PushEndpoint("https://a.example/" + String(repeating: "a", count: 1007)) == nil)
    }

    @Test func `host, port and path are read`() throws {
        let plain = try #require(PushEndpoint("https://Masuk.Polres.Example"))
        #expect(plain.host == .name("masuk.polres.example") && plain.port == 443 && plain.path == "/")
        #expect(plain.hostField == "masuk.polres.example")
        let whole = try #require(PushEndpoint("HTTPS://masuk.example:8443/simpul/a%20b"))
        #expect(whole.port == 8443 && whole.path == "/simpul/a%20b" && whole.hostField == "masuk.example:8443")
        let six = try #require(PushEndpoint("https://[2606:4700::1111]:444/"))
        #expect(six.host == .address(try #require(NetworkAddress("2606:4700::1111"))))
        #expect(six.hostField == "[2606:4700::1111]:444")
    }

    @Test func `special addresses need the word of the roster, nobody's are never connected to`() throws {
        let (loopback, multicast) = try (#require(NetworkAddress("127.0.0.1")), #require(NetworkAddress("224.0.0.1")))
        let open = try #require(NetworkAddress("8.8.8.8"))
        for allows in [false, true] {
            let endpoint = try #require(PushEndpoint("https://a.example/", allowsPrivateAddresses: allows))
            #expect(endpoint.mayConnect(to: loopback) == allows)
            #expect(!endpoint.mayConnect(to: multicast))
            #expect(endpoint.mayConnect(to: open))
        }
    }
}
