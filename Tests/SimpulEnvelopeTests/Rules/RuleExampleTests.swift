import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// What the project shows as an example, it would also send.
@Suite struct RuleExampleTests {
    @Test(arguments: MessageType.allCases)
    func `every valid example keeps every rule`(type: MessageType) throws {
        for example in try SchemaExample.all(of: type.rawValue) where example.shouldBeValid {
            let document = try RuleDocument(example: "\(type.rawValue)/\(example.file.dropLast(5))")
            for fault in try document.ruleFaults() {
                Issue.record("\(example): \(fault.keyword) \(fault.pointer) \(fault.detail.english)")
            }
        }
    }
}
