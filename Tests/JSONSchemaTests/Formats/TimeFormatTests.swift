import Testing

@testable import JSONSchema

@Suite struct TimeFormatTests {
    @Test(arguments: [
        "2025-1-01", "25-01-01", "2025-01-1", "12025-01-01", "+2025-01-01", "-2025-01-01", "2025-01-01 ", " 2025-01-01",
        "2025/01/01", "20250101", "2025-0101", "2025-001", "2025-W01-1", "2025-01", "2025-01-01Z", "2025-01-01T",
        "２025-01-01", "2025-01-0١", "2025-01-0৪", "2025‐01‐01", "2o25-01-01", "2025--1-01",
    ])
    func `a text that is no full-date (RFC 3339 §5.6) is no date`(_ text: String) {
        #expect(!Format.date.accepts(text))
    }

    @Test(arguments: [
        "2025-00-01", "2025-13-01", "2025-01-00", "2025-01-32", "2025-02-29", "2025-02-30", "2024-02-30", "1900-02-29",
        "2100-02-29", "2025-03-32", "2025-04-31", "2025-06-31", "2025-09-31", "2025-11-31", "2025-12-32", "2025-99-99",
    ])
    func `a day that its month does not have (RFC 3339 §5.7) is no date`(_ text: String) {
        #expect(!Format.date.accepts(text))
    }

    @Test(arguments: [
        "0000-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "0000-02-29", "2025-02-28", "2025-01-31", "2025-03-31",
        "2025-04-30", "2025-05-31", "2025-07-31", "2025-08-31", "2025-10-31", "2025-12-31",
    ])
    func `a full-date is accepted`(_ text: String) {
        #expect(Format.date.accepts(text))
    }

    @Test(arguments: [
        "12:00:00", "12:00Z", "12Z", "120000Z", "12:0:00Z", "1:00:00Z", "12:00:0Z", "12:00:00 Z", "12:00:00Zz",
        "T12:00:00Z",
        "12:00:00.Z", "12:00:00,5Z", "12:00:00.5", "12:00:00.5.5Z", "12:00:00.٥Z", "1２:00:00Z", "12:00:00+0100",
        "12:00:00+01", "12:00:00+1:00", "12:00:00+01:0", "12:00:00+01:00Z", "12:00:00Z+01:00", "12:00:00−01:00",
        "12:00:00+-1:00", "12:00:00 +01:00", "12:00:00UTC", "12:00:00a", "12:00:00\u{1A}", "12-00-00Z", " 12:00:00Z",
    ])
    func `a text that is no full-time (RFC 3339 §5.6) is no time`(_ text: String) {
        #expect(!Format.time.accepts(text))
    }

    @Test(arguments: [
        "24:00:00Z", "25:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:99Z", "12:00:00+24:00", "12:00:00-24:00",
        "12:00:00+01:60", "12:00:00-01:99",
    ])
    func `a number out of its range (RFC 3339 §5.7) makes no time`(_ text: String) {
        #expect(!Format.time.accepts(text))
    }

    @Test(arguments: [
        "12:00:60Z", "22:59:60Z", "23:58:60Z", "00:00:60Z", "23:59:60+01:00", "23:59:60-00:01", "00:59:60Z",
        "00:29:60+00:29", "23:29:60+23:29", "12:00:60.5Z",
    ])
    func `a leap second that is not at 23.59.60 UTC (RFC 3339 §5.7) is refused`(_ text: String) {
        #expect(!Format.time.accepts(text))
    }

    @Test(arguments: [
        "00:00:00Z", "23:59:59Z", "12:00:00z", "00:00:00.000001Z", "00:00:00.12345678901234567890z", "12:00:00-00:00",
        "12:00:00+00:00", "12:00:00-23:59", "12:00:00+23:59", "12:00:00.5+01:00",
    ])
    func `a full-time is accepted`(_ text: String) {
        #expect(Format.time.accepts(text))
    }

    @Test(arguments: [
        "23:59:60Z", "23:59:60.999z", "23:59:60+00:00", "08:59:60+09:00", "15:59:60-08:00", "00:29:60+00:30",
        "23:29:60-00:30", "23:58:60+23:59", "00:00:60-23:59",
    ])
    func `a leap second at 23.59.60 UTC is accepted at every offset`(_ text: String) {
        #expect(Format.time.accepts(text))
    }

    @Test(arguments: [
        "2025-01-01", "00:00:00Z", "T00:00:00Z", "2025-01-01T", "2025-01-01 00:00:00Z", "2025-01-01_00:00:00Z",
        "2025-01-01T00:00:00", "2025-01-0100:00:00Z", "2025-01-01T 00:00:00Z", "2025-01-01TT00:00:00Z",
        "2025-02-30T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:00:00Zx", "2025-W01-1T00:00:00Z",
        "2025-001T00:00:00Z",
        "20250101T000000Z", "2025-01-01T00:00Z", "2025-01-01\u{14}00:00:00Z", "２025-01-01T00:00:00Z",
        "2025-01-01T00:00:00+24:00",
    ])
    func `a text that is no date-time (RFC 3339 §5.6) is refused`(_ text: String) {
        #expect(!Format.dateTime.accepts(text))
    }

    @Test(arguments: [
        "1998-12-31T23:58:60Z", "1998-12-30T23:59:60Z", "2025-02-28T00:59:60Z", "2024-02-28T23:59:60Z",
        "1999-01-01T23:59:60Z", "1998-12-31T08:59:60+09:00", "1998-12-31T15:59:60+08:00", "1998-12-31T23:29:60+23:30",
        "1999-01-01T22:59:60-01:00",
    ])
    func `a leap second that does not end a month in UTC (RFC 3339 §5.7) makes no date-time`(_ text: String) {
        #expect(!Format.dateTime.accepts(text))
    }

    @Test(arguments: [
        "2025-01-01T00:00:00Z", "2025-01-01t00:00:00z", "2025-01-01T00:00:00.5z", "2025-01-01T07:00:00+07:00",
        "2025-01-01T00:00:00-00:00", "2024-02-29T23:59:59.999Z",
    ])
    func `a date-time is accepted`(_ text: String) {
        #expect(Format.dateTime.accepts(text))
    }

    @Test(arguments: [
        "1998-12-31T23:59:60Z", "2016-12-31T23:59:60.25Z", "2015-06-30T23:59:60Z", "2015-07-01T08:59:60+09:00",
        "2016-12-31T15:59:60-08:00", "2024-02-29T23:59:60Z", "2024-02-29T22:59:60-01:00", "2017-01-01T00:59:60+01:00",
    ])
    func `a leap second that ends a month in UTC is accepted`(_ text: String) {
        #expect(Format.dateTime.accepts(text))
    }
}

@Suite struct DurationFormatTests {
    @Test(arguments: [
        "P", "PT", "P1YT", "P1DT", "1D", "D", "T1H", "-P1D", "+P1D", "PP1D", " P1D", "P1D ", "P 1D", "P1 D",
    ])
    func `a duration without its P or without a unit (RFC 3339 appendix A) is refused`(_ text: String) {
        #expect(!Format.duration.accepts(text))
    }

    @Test(arguments: [
        "P1", "P1Y2", "PT1", "PT1H2", "PD", "PY1", "PTS", "P-1D", "P+1D", "P1.5D", "P1,5D", "PT0.5S", "P1e3D",
    ])
    func `a number without its unit, or that is more than digits, is refused`(_ text: String) {
        #expect(!Format.duration.accepts(text))
    }

    @Test(arguments: [
        "P2D1Y", "P1D1M", "P1M1Y", "PT1S1M", "PT1M1H", "PT1S1H", "P1Y1Y", "P1D1D", "PT1H1H", "P1Y2D", "PT1H2S",
        "P1YT1H2S",
        "P1S", "P1H", "PT1D", "PT1Y", "PT1W", "PT1HT1M", "P1DT1HT1M", "P1DT1D",
    ])
    func `units out of order, twice, left out between two, or on the wrong side of T are refused`(_ text: String) {
        #expect(!Format.duration.accepts(text))
    }

    @Test(arguments: ["P1Y2W", "P1W2D", "P1W1W", "P2M1W", "P1D1W", "P1WT1H", "P1W1"])
    func `weeks beside another unit are refused`(_ text: String) {
        #expect(!Format.duration.accepts(text))
    }

    @Test(arguments: ["P٢D", "P２D", "P2Đ", "Ρ1D", "P1D\u{301}", "P1Ｄ", "\u{10}1D", "P1\u{19}"])
    func `digits and letters beyond ASCII are refused`(_ text: String) {
        #expect(!Format.duration.accepts(text))
    }

    @Test(arguments: [
        "P0D", "P1Y", "P1M", "P1D", "P1Y2M", "P2M3D", "P1Y2M3D", "P4W", "P0W", "PT0S", "PT1H", "PT1M", "PT1S", "PT1H2M",
        "PT2M3S", "PT1H2M3S", "P1DT12H", "P1YT5S", "P1Y2M3DT4H5M6S", "P007D", "P123456789012345678901234567890D",
        "PT36H",
    ])
    func `a duration is accepted`(_ text: String) {
        #expect(Format.duration.accepts(text))
    }

    @Test(arguments: ["p1d", "P1y2m3dT4h5m6s", "pt1S", "P2w"])
    func `letters are of either case, as in every ABNF grammar (RFC 5234 §2.3)`(_ text: String) {
        #expect(Format.duration.accepts(text))
    }
}
