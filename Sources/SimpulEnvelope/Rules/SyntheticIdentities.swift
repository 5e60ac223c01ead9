internal import SimpulCore
internal import StrictJSON

/// tests and exercises hold nothing real, and what is actual holds nothing invented. An invented NIK has the serial
/// 0000, which no register gives out; the number of an invented passport is all zeros.
enum SyntheticIdentities {
    /// Of identity documents, and of every text of a test that reads like an NIK.
    static func fitTheStatus(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        let isTest: Bool
        switch subject.header.status {
        case .test, .exercise: isTest = true
        case .actual: isTest = false
        case .system, .draft: return
        }
        let documents = body.at(["person", "identifiers"]).map { Array($0.elements) } ?? []
        for (index, document) in documents.enumerated() {
            guard let value = document["value"]?.utf8,
                isSynthetic(value, isNIK: document["kind"]?.isString("NIK") == true) != isTest
            else { continue }
            faults.add(
                "/body/person/identifiers/\(index)/value", isTest ? Text.realInTest.0 : Text.inventedInActual.0,
                isTest ? Text.realInTest.1 : Text.inventedInActual.1)
        }
        if isTest { texts(of: body, at: "/body", documents: documents.map(\.index), &faults) }
    }

    private enum Text {
        static let realInTest = (
            "A test or exercise takes invented numbers only: NIK with serial 0000, a passport of X and zeros.",
            "Uji dan latihan hanya memuat nomor rekaan: NIK berseri 0000, paspor X dan angka nol."
        )
        static let inventedInActual = (
            "What is actual takes no invented number.", "Pesan nyata tidak memuat nomor rekaan."
        )
    }

    private static func isSynthetic(_ value: [UInt8], isNIK: Bool) -> Bool {
        (isNIK ? value.suffix(4) : value[...]).allSatisfy { byte in
            byte == UInt8(ascii: "0") || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }

    /// Looks through every text once; documents nest at most as deep as `Limits/documentDepth`.
    private static func texts(
        of value: JSONValue, at pointer: String, documents: [Int], _ faults: inout RuleFaults
    ) {
        switch value.kind {
        case .object where !documents.contains(value.index):
            for member in value.members {
                let name = member.name.string ?? ""
                texts(of: member.value, at: pointer + JSONPointer([name]).description, documents: documents, &faults)
            }
        case .array:
            for (index, element) in value.elements.enumerated() {
                texts(of: element, at: "\(pointer)/\(index)", documents: documents, &faults)
            }
        case .string:
            guard IdentityScan(of: value.utf8 ?? []).identityNumbers.contains(where: { !$0.hasSuffix("0000") }) else {
                return
            }
            faults.add(pointer, Text.realInTest.0, Text.realInTest.1)
        default: return
        }
    }
}
