import Testing

/// Lets so many of a suite's cases have a store at once. A store on SQLite has two threads and a handful of files; all
/// cases at once, as the runner starts them, come to hundreds of threads and more than a thousand files.
struct StoresInTurn: SuiteTrait, TestTrait, TestScoping {
    /// Sixteen stores are some 32 threads and 130 files; fewer leave the disk idle while one waits for its sync.
    private static let turns = Turns(16)

    let isRecursive = true

    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.turns.begin()
        do { try await function() } catch {
            await Self.turns.end()
            throw error
        }
        await Self.turns.end()
    }
}

extension Trait where Self == StoresInTurn {
    /// Few of the suite's cases have a store at once.
    static var storesInTurn: StoresInTurn { StoresInTurn() }
}

/// First come, first served, so many at once.
private actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ free: Int) { self.free = free }

    func begin() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func end() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
