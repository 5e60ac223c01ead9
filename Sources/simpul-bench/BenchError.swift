/// Why a run is void, or the benchmark cannot go on: one sentence for whoever reads the terminal.
struct BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
