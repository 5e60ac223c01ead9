import Foundation
import FuzzChecks
import Testing

/// The seeds of the fuzzer, and every input it ever found, go through the same checks in each run of the tests.
@Suite struct SeedTests {
    @Test(arguments: FuzzTarget.all.map(\.name))
    func `a seed breaks nothing that its target holds true`(target: String) throws {
        let check = try #require(FuzzTarget.named(target)).check
        let seeds = try Seed.all(of: target)
        #expect(!seeds.isEmpty, "\(target) has no seeds")
        for seed in seeds {
            #expect(throws: Never.self, "\(target)/\(seed.name)") { try check(seed.bytes) }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `a seed that is cut short or changed at one place breaks nothing either`(target: String) throws {
        let check = try #require(FuzzTarget.named(target)).check
        for seed in try Seed.all(of: target) {
            for (place, input) in seed.neighbours {
                #expect(throws: Never.self, "\(target)/\(seed.name) at \(place)") { try check(input) }
            }
        }
    }

    @Test func `a folder of seeds without a target is a mistake`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Seed.folder)
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
    }

    @Test func `an unknown name is no target`() {
        #expect(FuzzTarget.named("") == nil)
        #expect(FuzzTarget.named("JSON") == nil)
    }
}

/// One file below Tests/Fuzz/Seeds.
private struct Seed {
    let name: String
    let bytes: [UInt8]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fuzz/Seeds").path(percentEncoded: false)

    static func all(of target: String) throws -> [Seed] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/" + target)
        return try names.sorted().map { name in
            let bytes = try Data(contentsOf: URL(filePath: folder + "/" + target + "/" + name))
            return Seed(name: name, bytes: Array(bytes))
        }
    }

    /// At about forty places, evenly: the text up to there, and the text with one bit of the octet there turned.
    var neighbours: [(place: Int, input: [UInt8])] {
        stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)).flatMap { place in
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            return [(place, Array(bytes[..<place])), (place, changed)]
        }
    }
}
