import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import StrictYAML
import Testing

@testable import SimpulConfiguration

/// Whoever owes a decision or a service under the policy of a new hub may send what meets it.
@Suite struct MeetableClocksTests {
    private typealias Answer = (type: MessageType, members: KeyValuePairs<String, JSON>)

    /// For each type that asks for something: what meets its clocks.
    private static let answers: [MessageType: [Clock: Answer]] = [
        .alert: status, .tip: status, .referral: status,
        .infoRequest: [.decide: (.infoResponse, ["state": "denied"])],
        .return: [.decide: (.return, ["step": "accepted-by-receiving"]), .serve: (.return, ["step": "booked"])],
        .consent: [.serve: (.withdrawal, ["state": "done", "action": "erase"])],
        .withdrawal: [.serve: (.withdrawal, ["state": "done", "action": "erase"])],
        .correlationNotice: [.decide: (.correlationNotice, ["state": "declined"])],
        .securityIncident: [.serve: (.securityIncident, [:])],
        .caseConference: [.decide: (.caseConference, ["action": "accept"])],
    ]

    private static let status: [Clock: Answer] = [
        .decide: (.referralStatus, ["state": "accepted"]), .serve: (.referralStatus, ["state": "in-progress"]),
    ]

    private static func policy() throws -> Policy {
        let faults = YAMLFaults()
        let text = DefaultPolicy.text.replacing("# dpia:", with: "dpia:")
        return try #require(PolicyFile.read(YAMLFile(path: "policy.yaml", bytes: Array(text.utf8)), faults))
    }

    private static func type(of clockCase: ClockCase) -> MessageType {
        switch clockCase {
        case .screeningEnded: .screening
        case .referralRefused, .referralEnded: .referralStatus
        case .outcomeInterim: .outcome
        case .preservationRequest: .evidenceNotice
        case .release: .legalProgress
        case .returnAsked: .return
        case .lifeAtRisk: .infoRequest
        case .dataSubjectRequest: .consent
        case .correctionAnswer: .withdrawal
        case .correlationEnded: .correlationNotice
        case .conferenceInvitation: .caseConference
        }
    }

    @Test func `every clock that a recipient can owe has a message that meets it, and a rule that lets it back`() throws
    {
        let policy = try Self.policy()
        let rows =
            policy.clocks.types.map { ($0.key, $0.value) }
            + policy.clocks.cases.map { (Self.type(of: $0.key), $0.value) }
        for (type, row) in rows {
            for clock in [Clock.decide, .serve] where row.amounts[clock] != nil {
                let answer = try #require(Self.answers[type]?[clock], "\(type) \(clock)")
                let header = try TestHeader.make(answer.type, answer.members)
                let effect = try #require(AnswerEffect(of: header, on: type), "\(type) \(clock)")
                #expect(clock == .decide ? effect.rung == .answered : effect.meetsServe, "\(type) \(clock)")
                for rule in policy.rules where rule.type == type {
                    for from in rule.from.roles {
                        for to in rule.to.roles where to != .broker {
                            let isBack = policy.rules.contains {
                                $0.type == answer.type && $0.from.roles.contains(to) && $0.to.roles.contains(from)
                            }
                            #expect(isBack, "\(type): \(from) → \(to), and no \(answer.type) back")
                        }
                    }
                }
            }
        }
    }

    @Test func `what asks for nothing meets nothing`() throws {
        for (type, members) in [
            (MessageType.referralStatus, ["state": "received"]), (.referralStatus, ["state": "on-hold"]),
            (.correlationNotice, ["state": "matched"]), (.securityIncident, ["state": "reported"]),
            (.caseConference, ["action": "invite"]), (.alert, [:]),
        ] as [(MessageType, [String: JSON])] {
            var header = try TestHeader.make(type)
            header.state = members["state"].flatMap { value in
                if case .string(let text) = value { Header.ReferralState(rawValue: text) } else { nil }
            }
            header.position = members["state"].flatMap { value in
                if case .string(let text) = value { LifecycleState(rawValue: text) } else { nil }
            }
            if case .string(let action)? = members["action"] { header.action = action }
            for question in MessageType.allCases where question != .securityIncident || type == .securityIncident {
                #expect(AnswerEffect(of: header, on: question) == nil, "\(type) on \(question)")
            }
        }
    }
}
