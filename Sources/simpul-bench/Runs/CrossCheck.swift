/// A run counts only where the broker's own count is the client's.
enum CrossCheck {
    /// - Throws: ``BenchError`` where the store holds another number of messages than the client has receipts for, or a
    ///   message was new to the broker no more.
    static func stored(_ stored: Int, accepted: Int, repeated: Int) throws(BenchError) {
        guard repeated == 0 else { throw BenchError("\(repeated) fresh messages were answered as repetitions") }
        guard stored == accepted else {
            throw BenchError("MISMATCH: the client has \(accepted) receipts, the store \(stored) messages")
        }
    }

    /// - Throws: ``BenchError`` where the store has another number of settled deliveries than the client acknowledged.
    static func settled(_ settled: Int, acknowledged: Int, of backlog: Int) throws(BenchError) {
        guard settled == acknowledged, acknowledged == backlog else {
            throw BenchError(
                "MISMATCH: of \(backlog) deliveries the client acknowledged \(acknowledged), the store \(settled)"
            )
        }
    }
}
