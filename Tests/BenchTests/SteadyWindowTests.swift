import Testing

@testable import simpul_bench

@Suite struct SteadyWindowTests {
    @Test(arguments: [[], [100], [100, 100], [100, 100, 50], [50, 100, 100], [0, 0, 0], [90, 100, 110, 130, 160]])
    func `the warm-up goes on while the last three rates differ, or are none`(_ rates: [Double]) {
        #expect(end(of: rates) == nil)
    }

    @Test(
        arguments: [([100, 100, 100], 3), ([10, 50, 100, 105, 109], 5), ([1000, 950, 1040, 1, 1], 3)]
            as [([Double], Int)])
    func `the warm-up ends with the third rate in a row within a tenth`(_ rates: [Double], _ slice: Int) {
        #expect(end(of: rates) == slice)
    }

    @Test func `the warm-up ends after ten slices at the latest`() {
        #expect(end(of: (0..<20).map { $0 % 2 == 0 ? 1 : 100 }) == 10)
        #expect(end(of: Array(repeating: 0, count: 20)) == 10)
    }

    private func end(of rates: [Double]) -> Int? {
        var window = SteadyWindow()
        for rate in rates where window.ends(with: rate) { return window.slices }
        return nil
    }
}
