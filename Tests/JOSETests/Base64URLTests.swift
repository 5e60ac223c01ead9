import JOSE
import Testing

@Suite struct Base64URLTests {
    @Test(arguments: ["QQ==", "QUI=", "QQ=", "=", "QUJD===="])
    func `a padded text is refused`(_ text: String) { #expect(Base64URL.decode(text.utf8) == nil) }

    @Test(arguments: ["QUJD\n", " QUJD", "QU JD", "QUJD\r\n", "Q\tUJ"])
    func `white space is refused`(_ text: String) { #expect(Base64URL.decode(text.utf8) == nil) }

    @Test(arguments: ["+_8A", "a/bc", "a.bc", "a\0bc", "äbc"])
    func `letters of other alphabets are refused`(_ text: String) { #expect(Base64URL.decode(text.utf8) == nil) }

    @Test(arguments: ["A", "QUJDR"])
    func `a length that no octets have is refused`(_ text: String) { #expect(Base64URL.decode(text.utf8) == nil) }

    @Test func `of all texts of two letters exactly those with zero spare bits are accepted`() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let accepted = alphabet.flatMap { one in alphabet.map { [one, $0] } }.filter { Base64URL.decode($0) != nil }
        #expect(accepted.count == 256)
        #expect(Base64URL.decode("QQ".utf8) == [0x41])
        #expect(Base64URL.decode("QR".utf8) == nil)
        #expect(Base64URL.decode("QUJ".utf8) == nil)
    }

    @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")])
    func `the examples of RFC 4648 go both ways without their padding`(_ plain: String, _ text: String) {
        #expect(Base64URL.encode(plain.utf8) == text)
        #expect(Base64URL.decode(text.utf8) == Array(plain.utf8))
    }

    @Test func `every octet comes back, at every length`() {
        let all = (0...255).map { UInt8($0) }
        for count in 0...256 {
            let bytes = Array(all.prefix(count).reversed())
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    }
}
