internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// A new message: its receipt is signed before anything is written, so a signer that fails leaves nothing behind.
    func accept(
        _ message: AuthorizedMessage, at now: Timestamp, sign: (UInt64) throws -> Receipt
    ) throws -> AcceptOutcome {
        if let stored = try messages.find(message.key) {
            guard stored.digest == message.digest else { return .conflict(stored: stored.digest) }
            return .repeated(try log.receipt(at: stored.sequence))
        }
        let sequence = log.next
        let receipt = try JobFailure.signing { try sign(sequence) }
        try log.append(LogRecord(receipt: receipt, at: now), rung: .accepted)
        try messages.insert(message, sequence: sequence)
        try deliveries.insert(message.header, message: sequence)
        ring(message.header.recipients)
        return .accepted(receipt)
    }
}
