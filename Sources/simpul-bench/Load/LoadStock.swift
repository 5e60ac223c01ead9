import SimpulClient

/// The loads of all scenarios, each made once: every run has a store of its own, so it may send the same messages as
/// the one before.
struct LoadStock: Sendable {
    private var loads: [LoadKind: [SignedMessage]] = [:]

    /// Makes as many messages of each kind as the largest of the runs needs.
    init(_ needs: [(kind: LoadKind, count: Int)], agencies: BenchAgencies) async throws {
        var most: [LoadKind: Int] = [:]
        for need in needs { most[need.kind] = max(most[need.kind] ?? 0, need.count) }
        for (kind, count) in most.sorted(by: { $0.key.description < $1.key.description }) {
            let start = ContinuousClock.now
            loads[kind] = try await LoadMaker(kind, agencies: agencies).make(count)
            Terminal.note("made \(count) messages (\(kind)) in \(start.duration(to: .now).components.seconds) s")
        }
    }

    /// The first messages of a kind.
    func messages(_ kind: LoadKind, _ count: Int) throws(BenchError) -> ArraySlice<SignedMessage> {
        guard let load = loads[kind], load.count >= count else { throw BenchError("no load of this kind was made") }
        return load.prefix(count)
    }

    /// The mean size of the envelopes of a kind, in octets.
    func meanOctets(_ kind: LoadKind) -> Double? {
        guard let sample = loads[kind]?.prefix(1000), !sample.isEmpty else { return nil }
        return Double(sample.reduce(0) { $0 + $1.envelope.count }) / Double(sample.count)
    }
}
