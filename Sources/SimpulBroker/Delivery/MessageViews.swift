public import SimpulCore
public import StrictJSON

/// What the parties of a message may see of it. Whatever is not theirs looks as if it were not there.
public struct MessageViews: Sendable {
    private let store: any MessageStore

    /// The views of one store.
    public init(store: any MessageStore) { self.store = store }

    /// The whole of a message that the caller sent.
    /// - Throws: `not-found`.
    public func sent(_ id: MessageID, by caller: Caller) async throws -> JSON {
        guard let state = try await store.state(of: MessageKey(sender: caller.agency.id, id: id)) else {
            throw Refusal.notFound
        }
        return view(of: state, deliveries: state.deliveries)
    }

    /// The caller's own row of a message that another agency sent, or the whole where the caller is the sender.
    /// - Throws: `not-found`, also where the caller is no party of the message.
    public func received(_ key: MessageKey, by caller: Caller) async throws -> JSON {
        if key.sender == caller.agency.id { return try await sent(key.id, by: caller) }
        guard let state = try await store.state(of: key) else { throw Refusal.notFound }
        let own = state.deliveries.filter { $0.agency == caller.agency.id }
        guard !own.isEmpty else { throw Refusal.notFound }
        return view(of: state, deliveries: own)
    }

    private func view(of state: MessageState, deliveries: [MessageState.Delivery]) -> JSON {
        let rows = deliveries.map { delivery in
            JSON.object([
                "agency": .string(delivery.agency.description), "state": .string(delivery.state.rawValue),
                "reason": delivery.state.reason.map { .string($0) },
                "rungs": .array(([state.accepted] + delivery.rungs).map(rung)),
            ])
        }
        return [
            "id": .string(state.key.id.description), "sender": .string(state.key.sender.description),
            "type": .string(state.type.rawValue), "state": .string(overall(deliveries).rawValue),
            "digest": .string(state.digest.description), "recipients": .array(rows),
        ]
    }

    /// A message stands where its least advanced delivery stands.
    private func overall(_ deliveries: [MessageState.Delivery]) -> DeliveryState {
        let states = DeliveryState.allCases
        return states.first { state in deliveries.contains { $0.state == state } } ?? .waiting
    }

    private func rung(_ recorded: RecordedRung) -> JSON {
        [
            "rung": .string(recorded.rung.rawValue), "at": .string(recorded.at.description),
            "receipt": .string(recorded.receipt.text),
        ]
    }
}

extension DeliveryState {
    /// Why a delivery that is not settled stands where it stands; exactly one reason each.
    public var reason: String? {
        switch self {
        case .waiting: "no-consumer"
        case .leased: "leased"
        case .acknowledged, .opened: nil
        }
    }
}
