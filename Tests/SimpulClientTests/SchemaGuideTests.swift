import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

/// Every fault that the examples show, as a person reads it.
@Suite struct SchemaGuideTests {
    private let check: DocumentCheck
    private let guide = SchemaGuide()

    init() throws { check = DocumentCheck(catalogue: try TestNetwork.shared.get().catalogue) }

    private func found(_ bytes: [UInt8]) -> [CheckedFile.Found] {
        let source = DraftSource(file: "x.json", bytes: bytes)
        return source.found(check.faults(in: bytes), guide: guide)
    }

    /// An example of a header is a header alone.
    private func messages(_ name: String) throws -> [(example: Example, bytes: [UInt8])] {
        try Example.all(of: name, valid: false).map { example in
            guard name == "header" else { return (example, example.bytes) }
            return (example, Array("{\"body\":{},\n\"header\":".utf8) + example.bytes + Array("}".utf8))
        }
    }

    private static let names = ["header"] + MessageType.allCases.map(\.rawValue)

    @Test(arguments: names)
    func `every fault has a place and a text in each language, and repeats nothing of the message`(
        name: String
    ) throws {
        let words = try Example.schemaWords()
        for (example, bytes) in try messages(name) {
            let found = found(bytes).filter { name != "header" || $0.fault.pointer.hasPrefix("/header") }
            #expect(!found.isEmpty, "\(example)")
            let values = example.root.strings.filter { $0.utf8.count > 2 && !words.contains($0) && $0 != "true" }
            for one in found {
                let (english, indonesian) = (one.fault.detail.english, one.fault.detail.indonesian)
                #expect(one.place != nil && !indonesian.isEmpty && indonesian != english, "\(example): \(one)")
                let repeated = values.filter { Self.repeats(english, $0) || Self.repeats(indonesian, $0) }
                #expect(repeated.isEmpty, "\(example): \(one)")
                let isEnglish = indonesian.split { !$0.isLetter && !"_-".contains($0) }.contains { word in
                    Self.english.contains(word.lowercased()) && !words.contains(String(word))
                }
                #expect(!isEnglish, "\(example): \(indonesian)")
                #expect(!indonesian.hasPrefix("Aturan "), "\(example): \(indonesian)")
            }
        }
    }

    /// Whether a value stands in a text as a word or words of its own.
    private static func repeats(_ text: String, _ value: String) -> Bool {
        guard let range = text.firstRange(of: value) else { return false }
        let neighbours = [text[..<range.lowerBound].last, text[range.upperBound...].first]
        return !neighbours.contains { $0?.isLetter == true || $0?.isNumber == true }
    }

    /// Words of English sentences that are no word of Indonesian, no code and no member's name.
    private static let english: Set = [
        "the", "is", "are", "not", "must", "allowed", "missing", "because", "has", "have", "least", "than",
        "should", "which", "did", "mean",
    ]

    @Test(arguments: names)
    func `every fault of an example is told where the example's one rule is broken`(name: String) throws {
        for (example, bytes) in try messages(name) {
            let pointers = Set(found(bytes).map { $0.fault.pointer.split(separator: "/").dropLast(0).prefix(2) })
            #expect(!pointers.isEmpty, "\(example)")
            if name != "header" { #expect(found(bytes).count <= 5, "\(example): \(found(bytes))") }
        }
    }

    @Test func `every condition of every schema can be told`() {
        for name in Self.names + ["common"] {
            var schemas = guide.documents.root(name).map { [$0.schema] } ?? []
            #expect(!schemas.isEmpty, "\(name)")
            while let schema = schemas.popLast() {
                if let condition = schema["if"], schema["then"] != nil || schema["else"] != nil {
                    #expect(Condition(condition) != nil, "\(name)")
                }
                schemas += schema.members.map(\.value) + Array(schema.elements)
            }
        }
    }

    // MARK: What is said

    private func texts(_ type: MessageType, _ file: String, _ change: (inout JSON) -> Void) throws -> [LocalizedText] {
        let example = try #require(try Example.all(of: type.rawValue, valid: true).first { $0.name.hasSuffix(file) })
        var document = JSON(example.root)
        change(&document)
        return check.faults(in: document.bytes).map(\.detail)
    }

    @Test func `a mistyped code is told with the nearest one and the list`() throws {
        let texts = try texts(.tip, "/minimal.json") { $0 = $0.putting("Imediate", at: ["header", "urgency"]) }
        #expect(
            texts == [
                LocalizedText(
                    "None of the codes of the list. Did you mean Immediate? Allowed: Immediate, Expected, Future, "
                        + "Past, Unknown.",
                    "Tidak ada dalam daftar kode. Maksud Anda Immediate? Yang diizinkan: Immediate, Expected, Future, "
                        + "Past, Unknown.")
            ])
    }

    @Test func `a mistyped member is told with the nearest name, and what is missing with what it is for`() throws {
        let texts = try texts(.tip, "/minimal.json") { document in
            let told = document.child("body")?.child("narrative")
            document = document.putting(nil, at: ["body", "narrative"]).putting(told, at: ["body", "naratif"])
        }
        #expect(
            Set(texts.map(\.indonesian)) == [
                "Anggota narrative tidak ada: Apa yang disampaikan, tanpa nama pelapor.",
                "Anggota ini tidak diizinkan di sini. Maksud Anda narrative?",
            ])
    }

    @Test func `what a condition asks for is told with the condition`() throws {
        let texts = try texts(.bulletin, "/minimal.json") { document in
            document = document.putting("public", at: ["header", "audience"])
                .putting("GREEN", at: ["header", "tlp"]).putting("P0", at: ["header", "privacy"])
                .putting("public", at: ["body", "audience"]).putting(nil, at: ["body", "identityScan"])
        }
        #expect(
            texts.contains(
                LocalizedText(
                    "Only CLEAR is allowed. (because audience is public)",
                    "Hanya CLEAR yang diizinkan. (karena audience berisi public)")), "\(texts)")
        #expect(
            texts.contains {
                $0.english.hasSuffix("identityScan is missing: Scan for identities. (because audience is public)")
            },
            "\(texts)")
    }

    @Test func `a member of another type says for which type it would be`() throws {
        let texts = try texts(.tip, "/minimal.json") { $0 = $0.putting("FEAR", at: ["header", "milestone"]) }
        #expect(
            texts.contains {
                $0.english == "This member is not allowed here. (because type is not legal-progress)"
            }, "\(texts)")
    }

    @Test func `of alternatives the whole is told once`() throws {
        let texts = try texts(.referral, "/minimal.json") { document in
            document = document.putting(nil, at: ["body", "person", "age"])
                .putting(nil, at: ["body", "person", "ageBand"])
        }
        #expect(texts.map(\.english) == ["At least one of these has to be there: age, ageBand."])
    }

    @Test func `of a code or an object, what the object lacks is told`() throws {
        let example = try #require(
            try Example.all(of: "screening", valid: true).first { $0.root.paths(named: "S").first != nil })
        let path = try #require(example.root.paths(named: "S").first)
        let document = JSON(example.root).putting(nil, at: path[...])
        let texts = check.faults(in: document.bytes).map(\.detail)
        #expect(texts.map(\.english) == ["The member S is missing: Strong indicators."])
        let scalar = JSON(example.root).putting("notyetApplicable", at: path.dropLast())
        let told = check.faults(in: scalar.bytes).map(\.detail)
        #expect(
            told.map(\.indonesian) == [
                "Tidak ada dalam daftar kode. Maksud Anda notYetApplicable? Yang diizinkan: notYetApplicable, atau objek "
                    + "dalam { }."
            ])
    }

    @Test func `the text of a member is that of the schema, entries have their list's`() {
        func text(_ pointer: String, _ type: MessageType?) -> String? {
            JSONPointer(parsing: pointer).flatMap { guide.text(at: $0, type: type)?.indonesian }
        }
        #expect(text("/header/urgency", nil) == "Seberapa segera tindakan diperlukan.")
        #expect(text("/header/state", .outcome) == "Keadaan yang dilaporkan; kodenya menurut jenis pesan.")
        #expect(text("/body/suspects/0/alias", .tip) == "Nama yang dipakai.")
        #expect(text("/body/indicators/3", .tip) != nil)
        #expect(text("/body", .tip) == nil)
        #expect(text("/body/none", .tip) == nil)
        #expect(text("/body/narrative", nil) == nil)
        #expect(text("/elsewhere/a", .tip) == nil)
    }

    @Test(arguments: [
        ("imediate", "Immediate"), ("IMMEDIATE", "Immediate"), ("Fututre", "Future"), ("Psat", "Past"),
        ("Zebra", nil), ("", nil), (String(repeating: "Past", count: 40), nil), ("P", nil),
    ])
    func `the nearest word is named where one is near`(text: String, word: String?) {
        #expect(NearestWord.of(text, in: ["Immediate", "Expected", "Future", "Past", "Unknown"]) == word)
    }
}
