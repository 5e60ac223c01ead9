import SimpulBroker
import Testing

@Suite struct ClockSpanTests {
    @Test(arguments: [
        "", "15", "m", "0m", "015m", "-1h", "+1h", "1.5h", "1 h", "1H", "1w", "1y", "61wd", "0wd", "367d", "8785h",
        "527041m", "9999999m", "15mm", "١m",
    ])
    func `a text that is no span, or one beyond the bounds, is refused`(_ text: String) {
        #expect(ClockSpan(text) == nil)
    }

    @Test(
        arguments: [
            ("15m", ClockSpan.elapsed(seconds: 900), "15m"), ("90m", .elapsed(seconds: 5400), "90m"),
            ("60m", .elapsed(seconds: 3600), "1h"), ("72h", .elapsed(seconds: 259_200), "72h"),
            ("3d", .elapsed(seconds: 259_200), "72h"), ("14d", .elapsed(seconds: 1_209_600), "14d"),
            ("366d", .elapsed(seconds: 31_622_400), "366d"), ("1wd", .workingDays(1), "1wd"),
            ("60wd", .workingDays(60), "60wd"),
        ])
    func `a span is read and written`(_ text: String, _ span: ClockSpan, _ written: String) {
        #expect(ClockSpan(text) == span)
        #expect(span.description == written && ClockSpan(written) == span)
    }
}
