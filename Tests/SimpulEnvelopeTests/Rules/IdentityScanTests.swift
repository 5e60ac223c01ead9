import SimpulCore
import StrictJSON
import Testing

@testable import SimpulEnvelope

/// R-11: what is for everybody names nobody.
@Suite struct IdentityScanTests {
    private func scan(_ text: String, allowing contacts: String...) -> [String] {
        let scan = IdentityScan(of: Array(text.utf8), allowing: contacts.map { Array($0.utf8) })
        return [
            scan.identityNumbers.isEmpty ? nil : "nik", scan.hasPassport ? "passport" : nil,
            scan.hasPhone ? "phone" : nil, scan.hasEmail ? "email" : nil,
        ].compactMap { $0 }
    }

    @Test(arguments: [
        "1709061102980001", "NIK: 1709061102980001.", "NIK1709061102980001", "1709 0611 0298 0001",
        "1709-0651-0298-0001", "170906.110298.0001", "(1709065102980001)", "Nomor\n1709061102980001\n",
        "2026 1709061102980001", "1 7 0 9 0 6 1 1 0 2 9 8 0 0 0 1", "2026 1709 0611 0298 0001",
        "1709 0611 0298 0001 (14)", "1709\u{a0}0611\u{a0}0298\u{a0}0001", "170906\u{2013}110298\u{2013}0001",
        "1709061\u{200b}102980001", "\u{ff11}\u{ff17}\u{ff10}\u{ff19}061102980001",
        "\u{661}\u{667}\u{660}\u{669}061102980001", "17090611029800\u{660}\u{661}",
    ])
    func `a number like an NIK is found`(text: String) { #expect(scan(text) == ["nik"]) }

    @Test(arguments: ["A1234567", "Paspor AB123456.", "XD00000000", "(X0000000)"])
    func `a number like a passport's is found`(text: String) { #expect(scan(text) == ["passport"]) }

    @Test(arguments: [
        "0812-3456-7890", "081234567890", "+62 812 3456 7890", "+6281234567890", "6281234567890", "HP081234567890",
        "(0736) 123456", "021-1234567", "WA: 0812.3456.7890, pukul 08.00", "+60 12-345 6789",
        "129 0812 3456 7890", "+62 (812) 3456-7890", "0812\u{a0}3456\u{2011}7890",
        "\u{ff0b}62 812 3456 7890", "0812 3456\u{ad}7890",
    ])
    func `a telephone number is found`(text: String) { #expect(scan(text) == ["phone"]) }

    @Test(arguments: [
        "nama.orang@contoh.example", "Kirim ke a@b.id!", "0812@contoh.example", "x+y_z@sub.contoh.example",
    ])
    func `an e-mail address is found`(text: String) { #expect(scan(text) == ["email"]) }

    @Test(arguments: [
        "", "CONTOH FIKTIF", "Hubungi 129 atau 110.", "10 Maret 2026, 08.00-12.00", "2026-03-10 08:00",
        "05-03-2026 08:00",
        "08-03-2026 09:00", "Rp 15.000.000 sampai Rp 1.250.000.000", "UU 21/2007 pasal 52", "@akun_fiktif", "a@b", "@",
        "1709991399980001", "170906110298000", "17090611029800011", "64 peserta, 35 perempuan", "PT12345", "ABC1234567",
        "A123456789", "+", "+ 62", "0800-1200", "(", "No. 1/2026/X", "a@", "a@.", "a@b.",
        "01 02 03 04 05 06 07 08", "Rp 15.000.000.000.000", "20260304 20260305", "Pukul 08.00\u{2013}12.00",
        "12 m\u{b2}",
    ])
    func `what is none of these is left alone`(text: String) { #expect(scan(text).isEmpty, "\(scan(text))") }

    @Test func `a contact that is meant to be public may be repeated, in any way of writing it`() {
        #expect(scan("Telepon 0812-3456-7890 atau +62 812 3456 7890", allowing: "081234567890").isEmpty)
        #expect(scan("Telepon 0812-3456-7891", allowing: "081234567890") == ["phone"])
        #expect(scan("Lapor@Contoh.example", allowing: "lapor@contoh.example").isEmpty)
        #expect(scan("lain@contoh.example", allowing: "lapor@contoh.example") == ["email"])
    }

    // One that looks back at what it has read would take hours; that it ends at all is what is looked at.
    @Test(.timeLimit(.minutes(5)), arguments: ["1", "1 ", "a1", "a@", "1-", "A1234567", "+6", ".", "\u{e9}"])
    func `the longest text is read in one pass`(unit: String) {
        let text = String(repeating: unit, count: 1_000_000 / unit.utf8.count) + " a@contoh.example"
        #expect(scan(text).contains("email"))
    }

    @Test(arguments: ["title", "text", "summary", "operational"])
    func `a public bulletin is scanned in every text`(member: String) throws {
        try check("bulletin/full", "/body/\(member)")
        try check("bulletin/partners", "/body/\(member)")
    }

    @Test(arguments: ["/body/organisations/0", "/body/regulations/0", "/body/materials/0/title"])
    func `so are its lists`(pointer: String) throws { try check("bulletin/full", pointer) }

    @Test func `an activity report of class P0 is scanned, one of a higher class and an internal bulletin are not`()
        throws
    {
        try check("activity-report/full", "/body/title")
        var report = try RuleDocument(example: "activity-report/full")
        try report.put("a@contoh.example", at: "/body/title")
        try report.put("P1", at: "/header/privacy")
        #expect(try report.ruleFaults().isEmpty)
        var bulletin = try RuleDocument(example: "bulletin/minimal")
        try bulletin.put("a@contoh.example", at: "/body/text")
        try bulletin.put("P1", at: "/header/privacy")
        #expect(try bulletin.ruleFaults().isEmpty)
    }

    private func check(_ example: String, _ pointer: String) throws {
        for text in ["1709061102980001", "A1234567", "081234567890", "a@contoh.example"] {
            var document = try RuleDocument(example: example)
            try document.put(.string("CONTOH " + text), at: pointer)
            let faults = try document.ruleFaults()
            #expect(faults.map(\.pointer) == [pointer], "\(example) \(text)")
            #expect(faults.map(\.keyword) == ["R-11"])
            #expect(faults.allSatisfy { !$0.detail.english.contains(text) && !$0.detail.indonesian.contains(text) })
        }
    }
}
