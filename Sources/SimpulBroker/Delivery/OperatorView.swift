internal import JOSE
public import SimpulCore
public import SimpulEnvelope
public import StrictJSON

extension MessageViews {
    /// The operator's view of a message: where each delivery stands and why, and who has signed which step. No token, no
    /// receipt, and nothing of header or body but the type and what the broker has computed.
    /// - Parameter catalogue: what receipts are read by.
    /// - Throws: `not-found`.
    public func trace(_ key: MessageKey, catalogue: SchemaCatalogue) async throws -> JSON {
        guard let state = try await store.state(of: key) else { throw Refusal.notFound }
        let moment = now()
        let accepted = Self.statement(of: state.accepted.receipt, catalogue)
        let rows = state.deliveries.map { delivery in
            let reason = delivery.standing.reason(at: moment, queue: queues.facts(of: delivery.agency))
            return JSON.object([
                "agency": .string(delivery.agency.description), "state": .string(delivery.state.rawValue),
                "reason": reason.map { .string($0.code.rawValue) },
                "until": reason?.until.map { .string($0.description) },
                "cause": delivery.standing.cause.map { .string($0.rawValue) },
                "attempts": .integer(delivery.standing.attempt), "failures": .integer(delivery.standing.failures),
                "due": Self.due(delivery.due),
                "rungs": .array(delivery.rungs.map { Self.step($0, catalogue) }),
            ])
        }
        return .object([
            "id": .string(key.id.description), "sender": .string(key.sender.description),
            "type": .string(state.type.rawValue), "state": .string(state.state.rawValue),
            "digest": .string(state.digest.description), "level": accepted?.level.map { .integer($0.rawValue) },
            "accepted": Self.step(state.accepted, catalogue), "senderDue": Self.due(state.senderDue),
            "recipients": .array(rows), "purged": state.purged.map { .string($0.description) },
        ])
    }

    private static func step(_ recorded: RecordedRung, _ catalogue: SchemaCatalogue) -> JSON {
        let statement = statement(of: recorded.receipt, catalogue)
        return .object([
            "rung": .string(recorded.rung.rawValue), "at": .string(recorded.at.description),
            "signer": token(recorded.receipt)?.header["x5t#S256"]?.string.map { .string($0) },
            "by": statement?.by.map { .string($0) },
        ])
    }

    private static func due(_ times: DueTimes) -> JSON? {
        let members = Clock.allCases.compactMap { clock in
            times[clock].map { JSON.Member(clock.member, .string($0.description)) }
        }
        return members.isEmpty ? nil : .object(members)
    }

    /// The store's own receipts were verified before they were kept.
    private static func statement(of receipt: Receipt, _ catalogue: SchemaCatalogue) -> ReceiptStatement? {
        token(receipt).flatMap { try? JSONDocument($0.payload).root }.flatMap { catalogue.receipt($0) }
    }

    private static func token(_ receipt: Receipt) -> CompactJWS? {
        try? CompactJWS(parsing: receipt.token, headerLimits: JSONLimits(depth: 4, numbers: .interoperable))
    }
}
