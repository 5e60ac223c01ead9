import Foundation
import SimpulCore
import StrictYAML
import Testing

@testable import SimpulConfiguration

@Suite struct ExampleFilesTests {
    private let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/config/"

    @Test func `the example of the policy has the rules that a new hub gets`() throws {
        let faults = YAMLFaults()
        let example = try #require(YAMLFile(reading: folder + "policy.yaml", atMost: 65_536, into: faults))
        let new = YAMLFile(path: "policy.yaml", bytes: Array(DefaultPolicy.text.utf8))
        let rules = PolicyFile.read(example, faults)?.rules
        #expect(rules == PolicyFile.read(new, faults)?.rules)
        #expect(rules?.count == 5)
        #expect(faults.isEmpty)
    }

    @Test func `the example of the settings lacks nothing but the keys, the anchor and the roster`() {
        let error = #expect(throws: ConfigurationErrors.self) {
            try HubConfiguration.load(folder + "simpuld.yaml", now: .test)
        }
        let texts = error?.texts ?? []
        #expect(texts.count == 8)
        #expect(texts.allSatisfy { $0.hasSuffix("there is no such file") || $0.contains("there is no such folder") })
    }
}
