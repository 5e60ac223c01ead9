import Testing

@testable import StrictJSON

/// What happens when names crowd together in the table, which no text can bring about: here their hashes are made alike.
@Suite struct DuplicateNamesTests {
    @Test func `names that all have one hash are told apart, and the one that repeats is found`() {
        let names = (0..<400).map { "n\($0)" }
        #expect(firstDuplicate(of: names) == nil)
        #expect(firstDuplicate(of: names + ["n7", "n3"]) == 400)
        #expect(firstDuplicate(of: ["a", "b", "a"]) == 2)
    }

    /// The place of the first name that has stood before.
    private func firstDuplicate(of names: [String]) -> Int? {
        var octets: [UInt8] = []
        var entries = [TapeEntry(start: 0, length: 0, next: 0, kind: .object)]
        for name in names {
            entries.append(
                TapeEntry(start: UInt32(octets.count), length: UInt32(name.utf8.count), next: 7, kind: .plainString))
            entries.append(TapeEntry(start: 0, length: 0, next: 0, kind: .null))
            octets += Array(name.utf8)
        }
        return entries.withUnsafeBufferPointer { entries in
            octets.withUnsafeBufferPointer { octets in
                guard let tape = entries.baseAddress, let bytes = octets.baseAddress else { return nil }
                let found = DuplicateNames(entries: tape, bytes: bytes).find(from: 1, to: entries.count)
                return found.map { ($0 - 1) / 2 }
            }
        }
    }
}
