public import SimpulCore
internal import StrictJSON

/// A thing with states on the network: the message that begins it, where there is one, and the messages that move it.
public struct TestThread: Sendable {
    /// The type of message whose states they are.
    public let type: MessageType
    /// What an answer answers; nil for a thread.
    public let question: TestMessage?
    /// What the question itself refers to, and what must be accepted before it.
    public let before: TestMessage?
    private let network: TestNetwork
    private let first: MessageID?

    /// Something new of that type, between the passport desk and the police.
    public init(_ type: MessageType, _ network: TestNetwork) throws {
        self.type = type
        self.network = network
        var asked = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        asked.sealedTo = [network.police]
        first = asked.id
        switch type {
        case .referralStatus, .outcome:
            asked.becomeReferral(for: [network.police])
            // What is red is not redirected by anybody.
            asked.header["tlp"] = "AMBER+STRICT"
            (question, before) = (asked, nil)
        case .infoResponse:
            asked.become(.infoRequest, ["kind": "Request"])
            (question, before) = (asked, nil)
        case .amendment, .withdrawal, .recall:
            let told = TestMessage(from: network.immigration, to: [network.police], at: network.now)
            asked.become(type, ["inReplyTo": .string(try require(told.id).description), "kind": "Request"])
            if type == .withdrawal { asked.header["action"] = "erase" }
            (question, before) = (asked, told)
        default: (question, before) = (nil, nil)
        }
    }

    /// The message that says a state. Threads of several parties are moved by each in turn.
    /// - Parameter number: how many have been sent before it.
    public func step(_ state: String, number: Int = 0, previous: String? = nil) throws -> TestMessage {
        let isAnswer = question != nil
        let isTurned = isAnswer || (isOpenToAll && number % 2 == 1)
        let (sender, other) = isTurned ? (network.police, network.immigration) : (network.immigration, network.police)
        var draft = TestMessage(from: sender, to: [other], at: network.now)
        draft.become(type, ["kind": "Update"])
        for (name, value) in Self.members[type] ?? [] { draft.header[name] = value }
        draft.header[type == .return ? "step" : "state"] = .string(state)
        if state == "redirected" { draft.header["tlp"] = "AMBER+STRICT" }
        draft.header["previous"] = previous.map { .string($0) }
        draft.header[isAnswer ? "inReplyTo" : "thread"] = .string(try require(question?.id ?? first).description)
        draft.sealedTo = [other]
        return draft
    }

    private var isOpenToAll: Bool { if case .thread? = type.lifecycle?.subject { true } else { false } }

    private static let urgent: [(String, JSON)] = [
        ("urgency", "Immediate"), ("severity", "Severe"), ("certainty", "Likely"),
    ]

    private static let members: [MessageType: [(String, JSON)]] = [
        .screening: urgent, .securityIncident: urgent, .evidenceNotice: urgent + [("action", "notice")],
        .bulletin: [("audience", "internal")], .withdrawal: [("action", "erase")],
    ]
}
