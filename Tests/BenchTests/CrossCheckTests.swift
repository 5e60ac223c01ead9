import Testing

@testable import simpul_bench

@Suite struct CrossCheckTests {
    @Test(arguments: [(9, 10, 0), (11, 10, 0), (10, 10, 1), (0, 1, 0)])
    func `a store that counts otherwise, and a repetition, make a run void`(
        _ stored: Int, _ accepted: Int, _ repeated: Int
    ) {
        #expect(throws: BenchError.self) { try CrossCheck.stored(stored, accepted: accepted, repeated: repeated) }
    }

    @Test(arguments: [(9, 10, 10), (10, 9, 10), (10, 10, 11)])
    func `a delivery that is not settled on both sides makes a run void`(
        _ settled: Int, _ acknowledged: Int, _ all: Int
    ) {
        #expect(throws: BenchError.self) { try CrossCheck.settled(settled, acknowledged: acknowledged, of: all) }
    }

    @Test func `equal counts pass`() throws {
        try CrossCheck.stored(10, accepted: 10, repeated: 0)
        try CrossCheck.settled(10, acknowledged: 10, of: 10)
    }
}
