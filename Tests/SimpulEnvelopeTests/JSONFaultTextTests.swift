import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

@Suite struct JSONFaultTextTests {
    @Test(arguments: JSONError.Code.allCases)
    func `every fault of JSON has a text of its own in Indonesian`(code: JSONError.Code) {
        let text = JSONFaultText.text(for: code)
        #expect(text.english == code.rawValue && !text.indonesian.isEmpty && text.indonesian != text.english)
        let others = JSONError.Code.allCases.filter { $0 != code }.map { JSONFaultText.text(for: $0).indonesian }
        #expect(!others.contains(text.indonesian))
    }

    @Test func `a text becomes a sentence`() {
        #expect(LocalizedText("it is so", "ya").sentence == LocalizedText("It is so.", "Ya."))
    }
}
