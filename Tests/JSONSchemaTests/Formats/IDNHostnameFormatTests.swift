import Testing

@testable import JSONSchema

@Suite struct IDNHostnameFormatTests {
    @Test(arguments: [
        "Ü", "Bücher", "BÜCHER", "ﬁ", "ａ", "１２", "ⅷ", "²", "½", "ǆ", "ſ", "İ", "ẞ", "Σ", "Ⴀ", "㈱", "℡", "①", "à\u{340}",
    ])
    func `what case folding or NFKC changes (RFC 5892 §2.2) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: [
        "i❤", "😀", "☃", "ü!", "ü_a", "ü a", "ü\u{A0}a", "ü\u{3000}a", "ü–a", "ü‐a", "ü\u{AD}a", "ü\u{200B}a",
        "ü\u{2060}a",
        "ü\u{FEFF}a", "ü\u{202E}a", "ü\u{200E}a", "ü\u{FE0F}", "ü\u{FFFD}",
        "ü\u{378}",
        "ü\u{85}a", "a\u{20DD}", "ü\u{1D165}", "ü\u{115F}", "€", "ü/a", "ü@a", "ü:80", "а%",
    ])
    func `symbols, spaces, ignorable and unassigned code points (RFC 5892 §2) are refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(
        arguments: [0x378, 0xE000, 0xFDD0, 0xFFFE, 0xFFFF, 0x1_FFFF, 0xE_0001, 0xE_0100, 0x10_FFFD, 0x10_FFFF]
            as [UInt32])
    func `noncharacters, tags and code points for private use (RFC 5892 §2) are refused`(_ codePoint: UInt32) throws {
        #expect(!Format.idnHostname.accepts("ü" + String(Character(try #require(Unicode.Scalar(codePoint))))))
    }

    @Test(arguments: ["ـا", "اـب", "ߺ", "ߊߺ", "あ\u{302E}", "あ\u{302F}", "〱あ", "〲", "〳", "〴", "〵", "〻", "漢〻"])
    func `what RFC 5892 §2.6 disallows by name is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["ß", "straße", "ς", "βόλος", "۽ا", "ا۽ب", "ا۾", "ཀ་ཀ", "〇", "一〇"])
    func `what RFC 5892 §2.6 permits by name is accepted`(_ text: String) {
        #expect(Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["\u{301}a", "a.\u{301}b", "\u{903}क", "\u{94D}क", "\u{5B0}א", "\u{64B}ا", "\u{3099}か", "\u{300}"])
    func `a label that begins with a combining mark (RFC 5891 §4.2.3.2) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["ü-", "-ü", "ab--ü", "xn--ü", "XN--ü", "öö--ö", "ü.-a", "a-.ü", "--ü", "öa--"])
    func `hyphens at an edge, or in the third and fourth places (RFC 5891 §4.2.3.1), are refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: [
        "e\u{301}", "ö\u{323}", "o\u{302}\u{323}", "o\u{323}\u{302}", "ô\u{323}", "\u{1100}\u{1161}", "가\u{11A8}",
        "か\u{3099}",
        "a\u{301}\u{327}", "a\u{327}\u{301}", "\u{212B}", "\u{387}", "\u{958}", "\u{FB1D}", "\u{F900}", "ü\u{344}",
        "\u{9C7}\u{9BE}x",
        "\u{1025}\u{102E}",
    ])
    func `what is not in NFC (RFC 5891 §4.2.1) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: [
        "é", "ộ", "ö\u{331}", "각", "が", "ấ", "\u{E1}\u{327}", "\u{915}\u{93C}", "x\u{323}\u{302}", "\u{1026}", "ñ",
    ])
    func `what is in NFC is accepted, marks too`(_ text: String) {
        #expect(Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["·", "l·", "·l", "a·l", "l·a", "l··l", "L·l", "ŀl·ł", "·ü"])
    func `a middle dot that is not between two l (RFC 5892 A.3) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["͵", "α͵", "͵a", "͵б", "͵-α", "͵1", "͵͵"])
    func `a keraia that no Greek letter follows (RFC 5892 A.4) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["׳", "״", "׳א", "״א", "a׳", "ا׳", "ا״ب", "1״"])
    func `a geresh or gershayim that follows no Hebrew letter (RFC 5892 A.5 and A.6) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["・", "a・b", "・・", "ü・", "1・2", "한・글", "・ー"])
    func `a Katakana middle dot in a label without Kana and Han (RFC 5892 A.7) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["ا١۱", "ا۱١", "ا٠ب۹", "ا۰٩"])
    func `Arabic-Indic digits of both kinds in a label (RFC 5892 A.8 and A.9) are refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: [
        "\u{200D}", "a\u{200D}b", "क\u{200D}", "क\u{200D}ष", "\u{200D}क", "क\u{94D}क\u{200D}", "ب\u{200D}ب",
        "क\u{94D}\u{200C}\u{200D}",
    ])
    func `a joiner that follows no virama (RFC 5892 A.2) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: [
        "\u{200C}", "a\u{200C}b", "क\u{200C}ष", "ب\u{200C}", "\u{200C}ب", "ا\u{200C}ب", "ب\u{200C}a", "ب\u{200C}ء",
        "א\u{200C}ב",
        "ا\u{64E}\u{200C}ب", "ب\u{200C}\u{64E}",
    ])
    func `a non-joiner after no virama and between letters that do not join (RFC 5892 A.1) is refused`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: [
        "l·l", "al·la", "l·l·l", "͵α", "α͵α", "א׳", "א״ב", "א׳ב׳", "ア・イ", "漢・", "・ぁ", "a・あ", "ا١٢", "ا۱۲", "ب٠",
        "क\u{94D}\u{200D}ष", "क\u{94D}\u{200D}", "क\u{94D}\u{200C}ष", "ب\u{200C}ب", "ب\u{200C}ا",
        "ب\u{64E}\u{200C}\u{64E}ب",
        "نامه\u{200C}ای", "ක\u{DCA}\u{200D}ර",
    ])
    func `what depends on its neighbours is accepted among the right ones (RFC 5892 appendix A)`(_ text: String) {
        #expect(Format.idnHostname.accepts(text))
    }

    @Test(
        "a label that breaks the Bidi rule (RFC 5893 §2) is refused",
        arguments: [
            (1, "1א"), (1, "٠א"), (1, "١٢"), (1, "۱ا"), (1, "-א"), (2, "אa"), (2, "אaא"), (2, "אüב"), (3, "א-"),
            (3, "א-\u{5B0}"),
            (4, "א1١"), (4, "ا١2"), (5, "aא"), (5, "aאb"), (5, "a١"), (5, "üا"),
        ])
    func brokenBidiRule(_ condition: Int, _ text: String) {
        #expect(!Format.idnHostname.accepts(text), "condition \(condition)")
    }

    @Test(arguments: ["1.א", "א.1", "1a.ا", "ا.2b.c", "1.xn--6dbbec0c", "a.1.xn--mgbh0fb", "٠.א"])
    func `every label of a Bidi domain name is under the rule (RFC 5893 §2)`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
        if text.utf8.allSatisfy({ $0 < 0x80 }) { #expect(!Format.hostname.accepts(text)) }
    }

    @Test(arguments: [
        "א", "אב", "א1", "א-1", "ا١", "ا-ب", "אְ", "אב\u{5B0}", "א.a", "a1.א", "a-1.ا", "א.xn--bcher-kva", "ا۱", "ܐ",
        "ހށ\u{7A6}",
    ])
    func `a name that fulfils the Bidi rule is accepted`(_ text: String) {
        #expect(Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["。", "．", "｡", "é。", "。é", "é。。a", "é.。a", "a．.b", "a｡", "1。2．3｡4", "a⒈b", "a․b", "a…b"])
    func `an empty label, a dotted-decimal form and other dots are refused beside other full stops`(_ text: String) {
        #expect(!Format.idnHostname.accepts(text))
    }

    @Test(arguments: ["a。b", "é．a", "例え｡テスト", "a.b。c．d｡e", "xn--bcher-kva。id"])
    func `the full stops of RFC 3490 §3.1 separate labels`(_ text: String) {
        #expect(Format.idnHostname.accepts(text))
    }

    @Test func `the A-label has at most 63 octets, and all have 253 (RFC 5891 §4.2.4)`() {
        let longest = String(repeating: "ö", count: 57)
        #expect(Format.idnHostname.accepts(longest))
        #expect(!Format.idnHostname.accepts(longest + "ö"))
        #expect(!Format.idnHostname.accepts(String(repeating: "a", count: 40) + String(repeating: "ö", count: 20)))
        #expect(!Format.idnHostname.accepts(String(repeating: "\u{4E00}\u{20000}", count: 5000)))
        let three = [longest, longest, longest].joined(separator: ".")
        #expect(Format.idnHostname.accepts(three + "." + String(repeating: "a", count: 61)))
        #expect(!Format.idnHostname.accepts(three + "." + String(repeating: "a", count: 62)))
    }

    @Test(arguments: [
        "é", "bücher.id", "smörgås", "παράδειγμα.δοκιμή", "пример.испытание", "דוגמה.טעסט", "مثال.إختبار", "例え.テスト",
        "ไทย.th",
        "नमस्ते", "실례.테스트", "đường.vn", "ꙮ", "ⴀ", "𐊀", "ḃ", "ŋ", "ı", "ə", "a.é.1", "é1", "1é", "é-1", "Example.é", "ߊߋߌ",
        "ཀ", "ሀ",
    ])
    func `a name with U-labels (RFC 5890 §2.3.2.3) is accepted`(_ text: String) {
        #expect(Format.idnHostname.accepts(text))
    }
}
