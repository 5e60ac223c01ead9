internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// Records that deliveries leave in a courier bundle; every receipt is signed before the first row is written.
    func carry(
        _ keys: [MessageKey], to agency: AgencyID, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws {
        var steps: [DeliveryStep] = []
        for key in keys {
            guard let message = try messages.find(key)?.sequence,
                let standing = try deliveries.find(of: agency, message: message, at: now),
                let step = try? DeliveryStep(.carry, of: standing, at: now)
            else { continue }
            steps.append(step)
        }
        let signed = try JobFailure.signing { try steps.map { try $0.signed { _, event in try sign(event) } } }
        for step in signed { try perform(step) }
    }
}
