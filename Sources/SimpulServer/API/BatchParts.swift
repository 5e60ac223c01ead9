internal import NIOConcurrencyHelpers
internal import NIOCore

/// Cuts a body that comes in pieces into lines, each ended by LF; the last one may lack it. Holds one line at the most.
struct LineReader {
    /// A line without its end.
    enum Line: Equatable {
        case octets([UInt8])
        /// It had more octets than a line may have; they are gone.
        case tooLong
        /// The batch has more octets than it may have; nothing behind it was read.
        case beyondBatch
    }

    private let lineLimit: Int
    private var line: [UInt8] = []
    private var isTooLong = false
    private var isEmpty = true

    init(lineLimit: Int) { self.lineLimit = lineLimit }

    /// Takes the next piece of the body.
    /// - Returns: the lines that end in it.
    mutating func read(_ piece: ByteBufferView) -> [Line] {
        var lines: [Line] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<end])
            lines.append(take())
            rest = rest[(end + 1)...]
        }
        add(rest)
        return lines
    }

    /// The last line, where the body did not end with LF.
    mutating func end() -> Line? { isEmpty ? nil : take() }

    private mutating func add(_ octets: ByteBufferView.SubSequence) {
        guard !octets.isEmpty else { return }
        isEmpty = false
        guard !isTooLong, line.count + octets.count <= lineLimit else {
            isTooLong = true
            line = []
            return
        }
        line.append(contentsOf: octets)
    }

    private mutating func take() -> Line {
        defer {
            line = []
            isTooLong = false
            isEmpty = true
        }
        return isTooLong ? .tooLong : .octets(line)
    }
}

/// Lines on their way from the body to the work on them: one task puts, one takes. It holds so many lines and no more,
/// so a body is read no faster than it is worked on.
final class LineQueue: Sendable {
    private struct State {
        var lines: [LineReader.Line] = []
        var isEnded = false
        var isAbandoned = false
        /// Who waits: the putting task where it is full, else the taking one.
        var waiter: CheckedContinuation<Void, Never>?

        mutating func wake() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private let capacity: Int
    private let state = NIOLockedValueBox(State())

    init(capacity: Int) { self.capacity = capacity }

    /// Puts a line, once there is room.
    /// - Returns: false where nobody takes any more.
    func put(_ line: LineReader.Line) async -> Bool {
        await wait { $0.lines.count < self.capacity || $0.isAbandoned }
        let (isTaken, waiter) = state.withLockedValue { state in
            guard !state.isAbandoned else { return (false, state.wake()) }
            state.lines.append(line)
            return (true, state.wake())
        }
        waiter?.resume()
        return isTaken
    }

    /// Nothing more comes.
    func end() { change { $0.isEnded = true } }

    /// Nothing more is taken.
    func abandon() { change { $0.isAbandoned = true } }

    /// Takes all the lines that are there, once there is one; none where nothing more comes.
    func take() async -> [LineReader.Line] {
        await wait { !$0.lines.isEmpty || $0.isEnded }
        let (lines, waiter) = state.withLockedValue { state in
            defer { state.lines = [] }
            return (state.lines, state.wake())
        }
        waiter?.resume()
        return lines
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLockedValue { state in
            body(&state)
            return state.wake()
        }?.resume()
    }

    private func wait(until isDue: @Sendable (State) -> Bool) async {
        while !state.withLockedValue({ isDue($0) }) {
            await withCheckedContinuation { waiter in
                let isDueNow = state.withLockedValue { state in
                    if isDue(state) { return true }
                    state.waiter = waiter
                    return false
                }
                if isDueNow { waiter.resume() }
            }
        }
    }
}
