internal import NIOConcurrencyHelpers
internal import NIOCore

/// Cuts a body that comes in pieces into lines, each ended by LF; the last one may lack it. Holds one line at the most.
struct LineReader {
    /// A line without its end.
    enum Line: Equatable {
        case octets([UInt8])
        /// It had more octets than a line may have; they are gone.
        case tooLong
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

/// Answers that come in any order, and are written in theirs. What is ready is taken together.
final class OrderedAnswers: Sendable {
    private struct State {
        var ready = ByteBuffer()
        var early: [Int: [UInt8]] = [:]
        var next = 0
    }

    private let state = NIOLockedValueBox(State())
    private let signals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Signals that something may be ready; ends after ``finish()``.
    var arrivals: AsyncStream<Void> { signals.stream }

    func put(_ number: Int, _ answer: [UInt8]) {
        let isReady = state.withLockedValue { state in
            guard number == state.next else {
                state.early[number] = answer
                return false
            }
            state.ready.writeBytes(answer)
            state.next += 1
            while let following = state.early.removeValue(forKey: state.next) {
                state.ready.writeBytes(following)
                state.next += 1
            }
            return true
        }
        if isReady { signals.continuation.yield() }
    }

    func takeReady() -> ByteBuffer {
        state.withLockedValue { state in
            defer { state.ready = ByteBuffer() }
            return state.ready
        }
    }

    /// Nothing more comes.
    func finish() { signals.continuation.finish() }
}

/// A number of places, one for each piece of work in hand; who finds none waits. One task takes.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: NIOLockedValueBox<State>

    init(_ count: Int) { state = NIOLockedValueBox(State(free: count)) }

    func take() async {
        await withCheckedContinuation { waiter in
            let isFree = state.withLockedValue { state in
                guard state.free > 0 else {
                    state.waiter = waiter
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { waiter.resume() }
        }
    }

    func give() {
        state.withLockedValue { state in
            if state.waiter == nil { state.free += 1 }
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }
}
