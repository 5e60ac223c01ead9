public import SimpulCore

/// What one round of clocks has done.
public struct ClockRound: Sendable, Equatable {
    /// How many rungs it has recorded, of each kind.
    public var rungs: [Rung: Int] = [:]
    /// Messages of the first level that came to their end unopened.
    public var incidents = 0
    /// What could not be read, and is looked at again later.
    public var postponed = 0
    /// Whether there may be more to do at once.
    public var isFull = false

    /// A round that has done nothing.
    public init() {}

    /// Counts a receipt.
    public mutating func count(_ statement: ReceiptStatement) {
        rungs[statement.rung, default: 0] += 1
        if statement.notice?.isIncident == true { incidents += 1 }
    }
}
