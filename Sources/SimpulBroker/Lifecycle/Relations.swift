public import SimpulCore

/// What a store knows of the messages that a header refers to: only of those that the header's sender has sent or
/// received, so that nobody learns of others by asking.
public struct Relations: Sendable, Equatable {
    /// The messages under the id that `inReplyTo` names, in the order of acceptance. Two senders may use one id.
    public var answered: [Related]
    /// Those of `supersedes` that the sender has sent.
    public var replaced: Set<MessageID>
    /// The newest state in the header's thread, of messages of its type and status.
    public var position: LifecycleState?

    /// Nothing is referred to, or nothing is known.
    public static let none = Relations(answered: [], replaced: [], position: nil)

    /// Relations.
    public init(answered: [Related], replaced: Set<MessageID>, position: LifecycleState?) {
        self.answered = answered
        self.replaced = replaced
        self.position = position
    }

    /// A message that may be the answered one.
    public struct Related: Sendable, Equatable {
        /// The message.
        public var key: MessageKey
        /// Its type.
        public var type: MessageType
        /// Whether it has a state itself.
        public var hasState: Bool
        /// Whether it was for the header's sender, and was not recalled before that one had it.
        public var isReceived: Bool
        /// What the header's sender has said about it last, in a message of the header's type and status.
        public var position: LifecycleState?
        /// How fast it must move; nil where it has no level, or was accepted before levels were kept.
        public var level: ClockLevel?
        /// Whether it is TLP:RED, or its header cannot be read. Told to a header that redirects; to others it
        /// is false, and nothing is read for it.
        public var isRed: Bool

        /// A message.
        public init(
            key: MessageKey, type: MessageType, hasState: Bool, isReceived: Bool, position: LifecycleState?,
            level: ClockLevel? = nil, isRed: Bool = false
        ) {
            self.key = key
            self.type = type
            self.hasState = hasState
            self.isReceived = isReceived
            self.position = position
            self.level = level
            self.isRed = isRed
        }
    }

    /// The level of the received message that is answered. Where two senders use one id, the sooner one.
    public var answeredLevel: ClockLevel? { answered.filter(\.isReceived).compactMap(\.level).min() }

    /// Whether a received message that is answered is TLP:RED. Where two senders use one id, either one counts.
    public var answersRed: Bool { answered.contains { $0.isReceived && $0.isRed } }
}

/// A step that a store keeps with its message: the state that its subject has from then on.
public struct LifecycleStep: Sendable, Hashable {
    /// What the state is a state of: `sender/id` of an answered message, or the id of a thread.
    public var subject: String
    /// Who may go on from here.
    public var agencies: [AgencyID]
    /// The state.
    public var position: LifecycleState

    /// The step of a message; nil where its type has no lifecycle, or it says no state.
    /// - Parameter answered: the message that it answers, where its type answers one.
    public init?(_ header: Header, answering answered: MessageKey?) {
        guard let lifecycle = header.type.lifecycle, let position = header.position else { return nil }
        self.position = position
        agencies = [header.sender]
        switch lifecycle.subject {
        case .answer:
            guard let answered else { return nil }
            subject = Self.subject(answering: answered)
        case .thread:
            subject = header.lifecycleThread.description
            agencies += header.recipients.filter { $0 != header.sender }
        case .ownThread:
            subject = header.lifecycleThread.description
        }
    }

    /// The subject of an answer.
    public static func subject(answering key: MessageKey) -> String { "\(key.sender)/\(key.id)" }
}

extension Header {
    /// Whether its step belongs to a thread, and not to a message that it answers.
    public var stepsInThread: Bool {
        guard position != nil, let subject = type.lifecycle?.subject else { return false }
        if case .answer = subject { return false }
        return true
    }

    /// Whether anything that a store knows can matter to it; where not, the store is not asked.
    public var refersToOthers: Bool { inReplyTo != nil || !supersedes.isEmpty || stepsInThread }
}
