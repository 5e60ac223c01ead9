public import SimpulCore
internal import StrictJSON

/// What an operator has done.
public enum OperationAction: String, Sendable, CaseIterable {
    /// Roster and policy were to be read again.
    case reload
    /// The broker takes nothing new from here on.
    case drain
    /// The broker takes new messages again.
    case resume
    /// What waits for an agency was written into a courier bundle.
    case courierExport = "courier-export"
    /// A courier bundle was taken.
    case courierImport = "courier-import"
    /// What waits for an agency is given out no more.
    case pauseQueue = "pause-queue"
    /// What waits for an agency is given out again.
    case resumeQueue = "resume-queue"
    /// Deliveries of a message are tried again.
    case retry
    /// Deliveries of a message were taken back.
    case cancel
    /// Deliveries of a message were set aside.
    case park
    /// Deliveries of a message went back to its sender.
    case bounce
    /// A delivery of a message was given to another agency.
    case redirect
}

/// Who has done something on the status socket, as the kernel says.
public struct OperationBy: Hashable, Sendable {
    /// The number of the user.
    public var uid: UInt32
    /// The name of the user, where the machine knows one.
    public var user: String?
    /// The role in which it was allowed.
    public var role: StatusRole

    /// Somebody.
    public init(uid: UInt32, user: String?, role: StatusRole) {
        self.uid = uid
        self.user = user
        self.role = role
    }
}

/// What the log keeps of an operator's act. Where the act changes the store, the record goes into the same transaction;
/// else it is in the log before the act is done. Its reason is shown to auditors only.
public struct OperationRecord: Hashable, Sendable {
    /// The most characters that a reason may have.
    public static let longestReason = 200

    /// What was done.
    public var action: OperationAction
    /// Who did it.
    public var by: OperationBy
    /// Why: 1 to 200 characters, none of them a control character.
    public var reason: String
    /// When.
    public var at: Timestamp
    /// The agency whose queue it was done to.
    public var agency: AgencyID?
    /// The message that it was done to.
    public var message: MessageKey?
    /// The agency that a delivery was given to.
    public var to: AgencyID?

    /// A record.
    /// - Precondition: ``isReason(_:)`` holds for the reason.
    public init(
        _ action: OperationAction, by: OperationBy, reason: String, at: Timestamp, agency: AgencyID? = nil,
        message: MessageKey? = nil, to: AgencyID? = nil
    ) {
        precondition(Self.isReason(reason), "whoever takes a reason has looked at it")
        self.action = action
        self.by = by
        self.reason = reason
        self.at = at
        self.agency = agency
        self.message = message
        self.to = to
    }

    /// Whether a text may be a reason.
    public static func isReason(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return (1...longestReason).contains(scalars.count) && scalars.contains { !$0.properties.isWhitespace }
            && scalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// The record as the log keeps it.
    public var logged: LogRecord {
        let by: JSON = .object([
            "uid": .integer(Int(by.uid)), "user": by.user.map { .string($0) }, "role": .string(by.role.rawValue),
        ])
        let json: JSON = .object([
            "v": 1, "subject": "operation", "action": .string(action.rawValue), "by": by, "reason": .string(reason),
            "at": .string(at.description), "agency": agency.map { .string($0.description) },
            "message": message.map {
                ["sender": .string($0.sender.description), "id": .string($0.id.description)]
            },
            "to": to.map { .string($0.description) },
        ])
        return LogRecord(subject: .operation, at: at, octets: json.bytes)
    }

    /// Reads a record of the log; nil for anything that ``logged`` would not write.
    public init?(_ record: LogRecord) {
        guard record.subject == .operation, let root = try? JSONDocument(record.octets).root,
            let action = root["action"]?.string.flatMap(OperationAction.init), let by = root["by"],
            let uid = by["uid"]?.int.flatMap({ UInt32(exactly: $0) }),
            let role = by["role"]?.string.flatMap(StatusRole.init), let reason = root["reason"]?.string,
            Self.isReason(reason), let at = root["at"]?.string.flatMap(Timestamp.init)
        else { return nil }
        let message = root["message"].flatMap { value -> MessageKey? in
            guard let sender = value["sender"]?.string.flatMap(AgencyID.init),
                let id = value["id"]?.string.flatMap(MessageID.init)
            else { return nil }
            return MessageKey(sender: sender, id: id)
        }
        self.init(
            action, by: OperationBy(uid: uid, user: by["user"]?.string, role: role), reason: reason, at: at,
            agency: root["agency"]?.string.flatMap(AgencyID.init), message: message,
            to: root["to"]?.string.flatMap(AgencyID.init))
        guard logged == record else { return nil }
    }
}
