import Foundation
import SimpulCore
import StrictYAML
import Testing

@testable import SimpulConfiguration

@Suite struct ExampleFilesTests {
    private let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/config/"

    @Test func `the example of the policy is what a new hub gets, octet by octet`() throws {
        #expect(try String(contentsOfFile: folder + "policy.yaml", encoding: .utf8) == DefaultPolicy.text)
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
