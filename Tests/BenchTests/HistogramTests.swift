import Testing

@testable import simpul_bench

@Suite struct HistogramTests {
    @Test func `an empty histogram has no quantile`() { #expect(Histogram().quantile(0.5) == nil) }

    @Test(arguments: [1 as UInt64, 127, 128, 129, 1000, 65_535, 1_234_567, 9_999_999_999, .max])
    func `one value is every quantile, exactly`(_ value: UInt64) {
        var histogram = Histogram()
        histogram.record(value)
        for share in [0.001, 0.5, 0.999, 1] { #expect(histogram.quantile(share) == value) }
    }

    @Test func `a quantile is never below the true one, nor above it by more than a sixty-fourth`() throws {
        var (histogram, values): (Histogram, [UInt64]) = (Histogram(), [])
        for index in 1...20_000 as ClosedRange<UInt64> {
            let value = (index * index * 2_654_435_761) % 80_000_000
            histogram.record(value)
            values.append(value)
        }
        values.sort()
        for share in [0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[Int((Double(values.count) * share).rounded(.up)) - 1]
            let found = try #require(histogram.quantile(share))
            #expect(found >= exact)
            #expect(Double(found) <= Double(exact) * (1 + 1 / 64) + 1)
        }
    }

    @Test func `two histograms together are that of all values`() {
        var (one, other, both) = (Histogram(), Histogram(), Histogram())
        for value in [3, 500, 70_000] as [UInt64] {
            one.record(value)
            both.record(value)
        }
        for value in [0, 999_999_999] as [UInt64] {
            other.record(value)
            both.record(value)
        }
        one.add(other)
        #expect(one == both)
        #expect(one.count == 5)
        #expect(one.maximum == 999_999_999)
    }
}
