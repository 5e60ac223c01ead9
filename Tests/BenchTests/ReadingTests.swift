import Testing

@testable import simpul_bench

@Suite struct ReadingTests {
    @Test(arguments: [
        "", "accept", "accept:64", "accept:0x1", "accept:64x0", "accept:64x1:open", "accept:64x1:clear:x",
        "accept:64x1:clear:100000", "accept:64x1:sealed:2700:1", "drain:2", "memory:", "speed",
    ])
    func `a text that is no scenario is refused`(_ text: String) { #expect(Scenario(text) == nil) }

    @Test(arguments: Scenario.all)
    func `a scenario is read as it is written`(_ scenario: Scenario) {
        #expect(Scenario(scenario.description) == scenario)
    }

    @Test(arguments: ["", "+F4:3:256:0:0", "+F4:3:384:1:1", "+F2:0:2048:1:1", "+F4:3:256:x:1"])
    func `a speed that openssl did not tell is none`(_ text: String) {
        #expect(CryptoCost(machineReadable: text) == nil)
    }

    @Test func `the speed is read as microseconds an operation`() throws {
        let cost = try #require(
            CryptoCost(machineReadable: "+DTP:256:sign:ecdsa:2\n+F4:3:256:50000.000000:12500.000000\n"))
        #expect(cost.signMicroseconds == 20)
        #expect(cost.verifyMicroseconds == 80)
    }

    @Test func `processor time is read behind a name that holds parentheses and spaces`() {
        let text = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 4 0 100 1 1"
        #expect(ProcessUsage.seconds(inStat: text, ticksPerSecond: 100) == 2)
        #expect(ProcessUsage.seconds(inStat: "42 (a) S 1", ticksPerSecond: 100) == nil)
    }

    @Test func `a metric is found by its whole name, and an absent one is none`() {
        let text = "# TYPE simpul_ready gauge\nsimpul_ready_x 3\nsimpul_ready 1\nsimpul_q{agency=\"a\"} 2\n"
        #expect(StatusReader.value(of: "simpul_ready", in: text) == 1)
        #expect(StatusReader.value(of: "simpul_store_commits_total", in: text) == nil)
    }

    @Test func `medians and short numbers`() {
        #expect(Report.median([]) == nil)
        #expect(Report.median([3, 1, 2]) == 2)
        #expect(Report.median([4, 1, 2, 3]) == 2.5)
        #expect([0.0571, 1.05, 23.94, 2690.4].map(Report.short) == ["0.057", "1.05", "23.9", "2690"])
    }
}
