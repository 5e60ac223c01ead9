public import SimpulCore
internal import StrictJSON

/// What one call of the inbox gives.
public struct InboxAnswer: Sendable, Equatable {
    /// What can be read.
    public var deliveries: [Delivery]
    /// How many deliveries have not the protocol's form. They do not hold up the others.
    public var unreadable: Int

    /// An answer.
    public init(deliveries: [Delivery] = [], unreadable: Int = 0) {
        self.deliveries = deliveries
        self.unreadable = unreadable
    }

    /// Reads an answer; nil where it has no deliveries.
    init?(_ root: JSONValue) {
        guard let list = root["deliveries"], list.kind == .array else { return nil }
        let read = list.elements.map { Delivery($0) }
        deliveries = read.compactMap { $0 }
        unreadable = read.count - deliveries.count
    }
}

/// A leased delivery as the inbox gives it. Nothing in it is verified.
public struct Delivery: Sendable, Equatable {
    /// What settles it.
    public var token: String
    /// The message's id, as the broker says.
    public var id: MessageID
    /// The message's sender, as the broker says; a rung has none, its receipt says it.
    public var sender: AgencyID?
    /// How often it was given out, this time included.
    public var attempt: Int
    /// The envelope; a rung has none.
    public var envelope: [UInt8]?
    /// The broker's `accepted` receipt of the envelope, or the rung.
    public var receipt: Receipt

    /// A delivery.
    public init(
        token: String, id: MessageID, sender: AgencyID?, attempt: Int, envelope: [UInt8]?, receipt: Receipt
    ) {
        self.token = token
        self.id = id
        self.sender = sender
        self.attempt = attempt
        self.envelope = envelope
        self.receipt = receipt
    }

    /// Reads an element of `deliveries`; nil where it has not the protocol's form.
    init?(_ value: JSONValue) {
        guard let token = value["delivery"]?.string, Self.isToken(token),
            let id = value["id"]?.string.flatMap(MessageID.init), let receipt = value["receipt"]?.utf8
        else { return nil }
        let envelope = value["envelope"]?.utf8
        let sender = value["sender"]?.string.flatMap(AgencyID.init)
        guard (envelope == nil) == (sender == nil) else { return nil }
        self.init(
            token: token, id: id, sender: sender, attempt: value["attempt"]?.int ?? 1, envelope: envelope,
            receipt: Receipt(token: receipt))
    }

    /// Whether a text has the form of a delivery token: 22 letters of base64url.
    public static func isToken(_ text: String) -> Bool {
        text.utf8.count == 22
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
