import StrictJSON
import Testing

@testable import SimpulClient

/// how a person must never be reached is said first.
@Suite struct SafeContactTests {
    @Test func `the ways that are closed are named in both languages`() throws {
        let body: JSON = ["person": ["safeContact": ["method": "ViaReferrer", "never": ["Phone", "HomeVisit"]]]]
        let warning = try #require(SafeContact(body: body)).warning
        #expect(warning.english == "NEVER contact the person by: telephone, a visit at home.")
        #expect(warning.indonesian == "JANGAN PERNAH menghubungi orang ini melalui: telepon, kunjungan ke rumah.")
    }

    @Test func `an alert says that nobody is reached but safely`() throws {
        let body: JSON = ["safety": ["safeContactOnly": true]]
        #expect(try #require(SafeContact(body: body)).warning.english.contains("except in a safe way"))
    }

    @Test func `a way that a newer schema has added is told as it is`() throws {
        let body: JSON = ["person": ["safeContact": ["never": ["ByDrone"]]]]
        #expect(try #require(SafeContact(body: body)).warning.english.contains("ByDrone"))
    }

    @Test(
        arguments: [
            [:], ["person": ["safeContact": ["method": "Phone", "never": []]]], ["safety": ["safeContactOnly": false]],
            ["person": "P1"], ["person": ["safeContact": ["never": 7]]],
        ] as [JSON])
    func `where nothing is said, there is nothing to warn of`(body: JSON) {
        #expect(SafeContact(body: body) == nil)
    }
}
