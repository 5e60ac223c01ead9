import SimpulCore
import Testing

/// The tables, written a second time as lines of `state: what may follow`; `-` stands for what may come first.
@Suite struct LifecycleTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        var type: MessageType
        var steps: [String: Set<String>]
        var testDescription: String { type.rawValue }

        init(_ type: MessageType, _ lines: String) {
            self.type = type
            steps = [:]
            for line in lines.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                steps[String(words[0].dropLast())] = Set(words.dropFirst())
            }
        }
    }

    static let corrections = "-: done restricted retained\ndone:\nrestricted: done retained\nretained: done restricted"

    static let tables = [
        Expected(
            .referralStatus,
            """
            -: received accepted rejected redirected
            requested: received accepted rejected redirected
            received: accepted rejected redirected entered-in-error
            accepted: accepted in-progress failed cancelled entered-in-error
            in-progress: in-progress on-hold completed failed cancelled entered-in-error
            on-hold: on-hold in-progress failed cancelled entered-in-error
            rejected: entered-in-error
            redirected: entered-in-error
            completed: entered-in-error
            failed: entered-in-error
            cancelled: entered-in-error
            entered-in-error:
            """),
        Expected(
            .outcome,
            """
            -: interim final
            interim: interim final
            final: followed-up closed reopened
            followed-up: followed-up closed reopened
            closed: reopened
            reopened: interim final
            """),
        Expected(.infoResponse, "-: granted partly denied\ngranted:\npartly: granted partly denied\ndenied:"),
        Expected(.amendment, corrections), Expected(.withdrawal, corrections), Expected(.recall, corrections),
        Expected(
            .screening,
            """
            -: presumed under-assessment
            presumed: under-assessment withdrawn-by-person
            under-assessment: possible actual not-a-victim withdrawn-by-person
            possible: reviewed
            actual: reviewed
            not-a-victim: reviewed
            withdrawn-by-person: reviewed
            reviewed: reviewed under-assessment
            """),
        Expected(
            .evidenceNotice,
            """
            -: noticed
            noticed: held
            held: transferred presented
            transferred: transferred presented
            presented: returned forfeited destroyed
            returned:
            forfeited:
            destroyed:
            """),
        Expected(
            .return,
            """
            -: proposed
            proposed: risk-assessed refused-by-person unsafe
            risk-assessed: accepted-by-receiving refused-by-person unsafe
            accepted-by-receiving: booked refused-by-person unsafe
            booked: departed refused-by-person unsafe
            departed: arrived unsafe
            arrived: followed-up closed unsafe
            followed-up: followed-up closed unsafe
            closed:
            refused-by-person:
            unsafe:
            """),
        Expected(
            .bulletin,
            """
            -: draft
            draft: approved
            approved: published
            published: updated withdrawn expired
            updated: updated withdrawn expired
            withdrawn:
            expired:
            """),
        Expected(
            .correlationNotice,
            """
            -: matched
            matched: both-willing declined false-match expired
            both-willing: introduced declined false-match expired
            introduced:
            declined:
            false-match:
            expired:
            """),
        Expected(.securityIncident, "-: reported\nreported: contained\ncontained: resolved\nresolved:"),
    ]

    private func state(_ code: String) -> LifecycleState? { code == "-" ? nil : LifecycleState(rawValue: code) }

    @Test func `exactly the types with a table have a lifecycle`() {
        #expect(
            Set(MessageType.allCases.filter { $0.lifecycle != nil }) == Set(Self.tables.map(\.type)))
    }

    @Test(arguments: tables) func `a step is allowed exactly where the table says so`(_ table: Expected) throws {
        let lifecycle = try #require(table.type.lifecycle)
        let codes = table.steps.keys.filter { $0 != "-" }
        #expect(lifecycle.states == Set(codes.map(LifecycleState.init(rawValue:))))
        for (start, follows) in table.steps {
            #expect(Set(lifecycle.steps(after: state(start)).map(\.rawValue)) == follows)
            for end in codes {
                let verdict = lifecycle.judge(LifecycleState(rawValue: end), previous: nil, after: state(start))
                #expect((verdict == .allowed) == follows.contains(end), "\(start) → \(end)")
                let said = lifecycle.judge(
                    LifecycleState(rawValue: end), previous: state(start), after: state(start))
                #expect(said == verdict, "\(start) → \(end), said")
            }
        }
    }

    @Test(arguments: tables) func `a refused step names what is allowed`(_ table: Expected) throws {
        let lifecycle = try #require(table.type.lifecycle)
        for (start, follows) in table.steps {
            let verdict = lifecycle.judge("no such state", previous: nil, after: state(start))
            guard case .notAllowed(let allowed) = verdict else {
                Issue.record("\(start): \(verdict)")
                continue
            }
            #expect(Set(allowed.map(\.rawValue)) == follows)
        }
    }

    @Test(arguments: tables) func `a previous state that is not the known one is refused`(_ table: Expected) throws {
        let lifecycle = try #require(table.type.lifecycle)
        for (start, follows) in table.steps {
            for previous in table.steps.keys where previous != start && previous != "-" {
                guard start != "-" || !lifecycle.silent.contains(LifecycleState(rawValue: previous)) else { continue }
                for end in follows {
                    let verdict = lifecycle.judge(
                        LifecycleState(rawValue: end), previous: state(previous), after: state(start))
                    #expect(verdict == .notFromThere(lifecycle.steps(after: state(start))), "\(previous), \(start)")
                }
            }
        }
    }

    @Test(arguments: [("requested", true), ("received", true), ("accepted", false), ("rejected", false)])
    func `a first answer may say that the referral was requested or received`(_ code: String, _ passes: Bool) throws {
        let lifecycle = try #require(MessageType.referralStatus.lifecycle)
        let verdict = lifecycle.judge("accepted", previous: LifecycleState(rawValue: code), after: nil)
        #expect((verdict == .allowed) == passes)
    }

    @Test func `what is received already is not received again`() throws {
        let lifecycle = try #require(MessageType.referralStatus.lifecycle)
        let verdict = lifecycle.judge("received", previous: "received", after: nil)
        #expect(verdict == .notAllowed(["accepted", "rejected", "redirected", "entered-in-error"]))
    }
}
