import SimpulCore
import Testing

@Suite struct AgencyIDTests {
    @Test(arguments: [
        "", "id-1709", "id-1.a", "id-17099.a", "id-1709.", "id-1709.A", "id-1709.a.b.c.d.e", "ID-1709.a", "id-17O9.a",
        "id-1709.a_b", "id-1709.a b", "id-1709.a\n", "xid-1709.a", "id-1709..a",
        "id-1709." + String(repeating: "a", count: 33),
    ])
    func `a text outside the pattern is no agency id`(text: String) {
        #expect(AgencyID(text) == nil)
    }

    @Test(arguments: [
        "id-17.a", "id-1709.polres.ppa", "id-1709.a.b.c.d", "id-1709." + String(repeating: "a", count: 32),
    ])
    func `an id keeps its text`(text: String) {
        #expect(AgencyID(text)?.description == text)
    }

    @Test(arguments: ["", "P", "pol", "POL ", "POL1", String(repeating: "A", count: 17)])
    func `a role is capital letters`(text: String) {
        #expect(Role(text) == nil)
    }
}

@Suite struct MessageIDTests {
    @Test(arguments: [
        "", "019CB932-dfc8-7dc3-9501-cc96fbe0fa39", "019cb932dfc87dc39501cc96fbe0fa39",
        "019cb932-dfc8-7dc3-9501-cc96fbe0fa3", "019cb932-dfc8-7dc3-9501-cc96fbe0fa39 ",
        "019cb932-dfc8-7dc3-9501-cc96fbe0fa3g",
        "019cb932-dfc8-4dc3-9501-cc96fbe0fa39", "019cb932-dfc8-7dc3-c501-cc96fbe0fa39",
    ])
    func `a text that is no lower-case UUIDv7 is no message id`(text: String) {
        #expect(MessageID(text) == nil)
    }

    @Test func `a fresh id holds its moment, version 7 and the variant`() {
        let id = MessageID(
            version7At: Timestamp(milliseconds: 0x0123_4567_89AB), random: [UInt8](repeating: 0xFF, count: 10))
        #expect(id.description == "01234567-89ab-7fff-bfff-ffffffffffff")
        #expect(MessageID(id.description) == id)
    }
}

@Suite struct DigestTests {
    @Test(arguments: [
        "", "sha-256:", "sha-256:" + String(repeating: "A", count: 64), "sha256:" + String(repeating: "a", count: 64),
    ])
    func `a text of another form is no digest`(text: String) {
        #expect(Digest(text) == nil)
    }

    @Test func `octets become lower-case hexadecimal`() {
        #expect(
            Digest(octets: [UInt8](repeating: 0xAB, count: 32))?.description == "sha-256:"
                + String(repeating: "ab", count: 32))
        #expect(Digest(octets: [1, 2, 3]) == nil)
    }
}
