import SimpulCore
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        "", "2026-03-04", "2026-03-04T21:14:05", "2026-03-04 21:14:05Z", "2026-13-04T21:14:05Z", "2026-02-29T21:14:05Z",
        "2026-03-04T24:00:00Z", "2026-03-04T21:60:05Z", "2026-03-04T21:14:61Z", "2026-03-04T21:14:05.Z",
        "2026-03-04T21:14:05+7:00", "2026-03-04T21:14:05+0700", "2026-03-04T21:14:05+24:00", "2026-03-04T21:14:05ZZ",
    ])
    func `a time that RFC 3339 does not know, or without offset, is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2026-03-04T21:14:05+07:00", 1_772_633_645_000),
        ("2026-03-04T14:14:05Z", 1_772_633_645_000), ("2026-03-04T09:44:05-04:30", 1_772_633_645_000),
        ("2024-02-29T00:00:00.1239Z", 1_709_164_800_123), ("1998-12-31T23:59:60Z", 915_148_800_000),
        ("0000-03-01T00:00:00Z", -62_162_035_200_000),
    ])
    func `a time is milliseconds since 1970, whatever its offset`(text: String, milliseconds: Int) {
        #expect(Timestamp(text)?.milliseconds == Int64(milliseconds))
    }

    @Test(arguments: [0, -1, 1_772_633_645_123, 951_782_400_000, -62_162_035_200_000])
    func `a written time reads back as itself`(milliseconds: Int) {
        let time = Timestamp(milliseconds: Int64(milliseconds))
        #expect(Timestamp(time.description) == time)
    }

    @Test func `a time is written in UTC with milliseconds`() {
        #expect(Timestamp("2026-03-04T21:14:05+07:00")?.description == "2026-03-04T14:14:05.000Z")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (951_782_400_007, "2000-02-29T00:00:00.007Z"),
        ])
    func `every moment is written in full`(milliseconds: Int, text: String) {
        #expect(Timestamp(milliseconds: Int64(milliseconds)).description == text)
    }
}
