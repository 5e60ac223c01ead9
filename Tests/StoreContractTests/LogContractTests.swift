import JOSE
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite(.storesInTurn) struct LogContractTests {
    /// RFC 6962 §2.1, word for word: nothing is shared with the code under test but SHA-256.
    static func naiveRoot(_ leaves: ArraySlice<(nonce: [UInt8], record: [UInt8])>) -> [UInt8] {
        func hash(_ octets: [UInt8]) -> [UInt8] { SHA256.hash(octets).bytes }
        guard let first = leaves.first else { return hash([]) }
        guard leaves.count > 1 else { return hash([0] + hash(first.nonce + first.record)) }
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        let middle = leaves.startIndex + half
        return hash([1] + naiveRoot(leaves[..<middle]) + naiveRoot(leaves[middle...]))
    }

    @Test(arguments: Engine.allCases)
    func `size and root are those of the naive tree at every size`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for size in 0...17 {
            let numbers = try await bench.store.statistics(at: bench.now)
            let leaves = try bench.leaves()
            #expect(numbers.logSize == UInt64(size) && leaves.count == size)
            #expect(numbers.logRoot == SHA256Digest(bytes: Self.naiveRoot(leaves[...]))?.hex)
            if size.isMultiple(of: 3) {
                let digest = Digest(SHA256.hash([UInt8(size)]))
                let number = try await bench.store.append(LogRecord(.policy, digest: digest, at: bench.now))
                #expect(number == UInt64(size))
            } else {
                _ = try await bench.accept(bench.message())
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `no two leaves have a nonce in common`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let record = LogRecord(.roster, digest: Digest(SHA256.hash([1])), at: bench.now)
        for _ in 0..<3 { try await bench.store.append(record) }
        let leaves = try bench.leaves()
        #expect(Set(leaves.map(\.nonce)).count == 3 && leaves.allSatisfy { $0.nonce.count == 32 })
    }

    @Test(arguments: Engine.allCases)
    func `the newest record of a subject is found, and nothing where there is none`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        #expect(try await bench.store.lastRecorded(.policy) == nil)
        let digests = (0..<3).map { Digest(SHA256.hash([UInt8($0)])) }
        try await bench.store.append(LogRecord(.policy, digest: digests[0], at: bench.now))
        try await bench.store.append(LogRecord(.roster, digest: digests[1], at: bench.now))
        try await bench.store.append(LogRecord(.policy, digest: digests[2], at: bench.now))
        _ = try await bench.accept(bench.message())
        #expect(try await bench.store.lastRecorded(.policy) == digests[2])
        #expect(try await bench.store.lastRecorded(.roster) == digests[1])
        #expect(try await bench.store.lastRecorded(.receipt) == nil)
    }
}

extension Bench {
    /// Nonces and records in the order of the log, read behind the store's back.
    func leaves() throws -> [(nonce: [UInt8], record: [UInt8])] {
        if let memory = store as? MemoryStore { return memory.leaves.map { ($0.nonce, $0.record.octets) } }
        return try RawDatabase(path).rows("SELECT nonce, record FROM log ORDER BY seq").map { ($0[0], $0[1]) }
    }
}
