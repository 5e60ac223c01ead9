import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

/// Who may answer, replace and cancel what, through the whole path.
@Suite struct RelationTests {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    private var desk: TestAgency { network.immigration }
    private var police: TestAgency { network.police }
    private var shelter: TestAgency { network.shelter }

    @discardableResult
    private func send(_ draft: TestMessage) async throws -> Acceptance {
        try await broker.intake.accept(draft.envelope(), from: network.caller(draft.sender, of: broker))
    }

    private func refusal(of draft: TestMessage) async throws -> Refusal? {
        do {
            try await send(draft)
            return nil
        } catch let recorded as RecordedRefusal {
            #expect(recorded.refusal.message == draft.id)
            return recorded.refusal
        }
    }

    /// An accepted report from the desk to the police.
    private func report() async throws -> TestMessage {
        let report = TestMessage(from: desk, to: [police], at: network.now)
        try await send(report)
        return report
    }

    private func referral(to agencies: [TestAgency]? = nil) async throws -> TestMessage {
        let asked = agencies ?? [police]
        var referral = TestMessage(from: desk, to: asked, at: network.now)
        referral.becomeReferral(for: asked)
        try await send(referral)
        return referral
    }

    private func message(
        from sender: TestAgency, to recipients: [TestAgency], inReplyTo other: TestMessage? = nil,
        _ members: KeyValuePairs<String, JSON> = [:]
    ) throws -> TestMessage {
        var draft = TestMessage(from: sender, to: recipients, at: network.now)
        if let other { draft.header["inReplyTo"] = .string(try #require(other.id).description) }
        for (name, value) in members { draft.header[name] = value }
        return draft
    }

    private func answer(
        _ state: String, to question: TestMessage, from sender: TestAgency, to recipients: [TestAgency]
    ) throws -> TestMessage {
        var draft = TestMessage(from: sender, to: recipients, at: network.now)
        draft.becomeAnswer(to: try #require(question.id), state: .string(state), for: recipients)
        return draft
    }

    // MARK: inReplyTo

    @Test func `a message that is not known and one of others are refused alike`() async throws {
        let foreign = try await report()
        let unknown = TestMessage(from: desk, to: [police], at: network.now)
        let refused = [
            try await refusal(of: message(from: shelter, to: [desk], inReplyTo: foreign)),
            try await refusal(of: message(from: shelter, to: [desk], inReplyTo: unknown)),
        ]
        for refusal in refused {
            let refusal = try #require(refusal)
            #expect(refusal.code == .lifecycle && refusal.stage == .validate)
            #expect(refusal.faults.map(\.pointer) == ["/header/inReplyTo"])
            #expect(refusal.faults.map(\.keyword) == ["relation"])
            #expect(refusal.detail == refused[0]?.detail && refusal.faults == refused[0]?.faults)
        }
    }

    @Test func `sender and recipient may refer to a message, to each other and to somebody else`() async throws {
        let report = try await report()
        for (sender, recipient) in [(police, desk), (police, shelter), (desk, police), (desk, shelter)] {
            #expect(try await refusal(of: message(from: sender, to: [recipient], inReplyTo: report)) == nil)
        }
    }

    @Test func `a fallback that has got nothing is no party`() async throws {
        var referral = TestMessage(from: desk, to: [police], at: network.now)
        referral.becomeReferral(for: [police, shelter])
        referral.header["fallback"] = [.string(shelter.id.description)]
        try await send(referral)
        let refused = try await refusal(of: answer("accepted", to: referral, from: shelter, to: [desk]))
        #expect(refused?.code == .lifecycle && refused?.faults.map(\.pointer) == ["/header/inReplyTo"])
    }

    // MARK: Answers

    @Test func `an answer comes from a recipient, about the type that it answers, and goes back`() async throws {
        let (referral, report) = (try await referral(), try await report())
        var own = try answer("accepted", to: referral, from: desk, to: [police])
        #expect(try await refusal(of: own)?.faults.map(\.pointer) == ["/header/inReplyTo"])
        own = try answer("accepted", to: report, from: police, to: [desk])
        let wrongType = try #require(try await refusal(of: own))
        #expect(wrongType.faults.map(\.pointer) == ["/header/inReplyTo"])
        #expect(wrongType.detail.english.contains("referral"))
        let astray = try answer("accepted", to: referral, from: police, to: [shelter])
        #expect(try await refusal(of: astray)?.faults.map(\.pointer) == ["/header/recipients"])
        #expect(try await refusal(of: answer("accepted", to: referral, from: police, to: [shelter, desk])) == nil)
    }

    @Test func `an answer is answered by no other`() async throws {
        let thread = try TestThread(.recall, network)
        let answered = try thread.step("retained")
        for draft in [thread.before, thread.question, answered] { try await send(try #require(draft)) }
        var draft = try message(from: desk, to: [police], inReplyTo: answered)
        draft.become(.recall, ["state": "done"])
        draft.sealedTo = [police]
        #expect(try await refusal(of: draft)?.faults.map(\.pointer) == ["/header/inReplyTo"])
    }

    // MARK: Own messages

    @Test(arguments: [MessageType.amendment, .withdrawal, .recall])
    func `only the sender of a message corrects it`(_ type: MessageType) async throws {
        let report = try await report()
        for (sender, recipient, passes) in [(police, desk, false), (desk, police, true)] {
            var draft = try message(from: sender, to: [recipient], inReplyTo: report)
            draft.become(type, type == .withdrawal ? ["action": "erase"] : [:])
            draft.sealedTo = [recipient]
            let refused = try await refusal(of: draft)
            #expect((refused == nil) == passes)
            if !passes { #expect(refused?.faults.map(\.pointer) == ["/header/inReplyTo"]) }
        }
    }

    @Test func `only the sender of a message cancels it, and a cancellation names one`() async throws {
        let report = try await report()
        let cancel: KeyValuePairs<String, JSON> = ["kind": "Cancel"]
        let foreign = try message(from: police, to: [desk], inReplyTo: report, cancel)
        #expect(try await refusal(of: foreign)?.faults.map(\.pointer) == ["/header/inReplyTo"])
        #expect(
            try await refusal(of: message(from: desk, to: [police], cancel))?.faults.map(\.pointer) == ["/header/kind"])
        #expect(try await refusal(of: message(from: desk, to: [police], inReplyTo: report, cancel)) == nil)
        let replaced = JSON.array([.string(try #require(report.id).description)])
        let superseding = try message(
            from: desk, to: [police], ["kind": "Cancel", "supersedes": replaced])
        #expect(try await refusal(of: superseding) == nil)
    }

    @Test func `only own messages are replaced, and each other one is named by its place`() async throws {
        let (first, second) = (try await report(), try await report())
        let unknown = TestMessage(from: desk, to: [police], at: network.now)
        let ids = try [first, unknown, second].map { JSON.string(try #require($0.id).description) }
        let desks = try await refusal(of: message(from: desk, to: [police], ["supersedes": .array(ids)]))
        #expect(desks?.code == .lifecycle && desks?.faults.map(\.pointer) == ["/header/supersedes/1"])
        let foreign = try await refusal(of: message(from: police, to: [desk], ["supersedes": .array(ids)]))
        #expect(foreign?.faults.map(\.pointer) == (0..<3).map { "/header/supersedes/\($0)" })
        let own = JSON.array([ids[0], ids[2]])
        #expect(try await refusal(of: message(from: desk, to: [police], ["supersedes": own])) == nil)
    }

    // MARK: Steps

    @Test func `a wrong step names the steps that are allowed, and nothing else of what is known`() async throws {
        let referral = try await referral()
        try await send(answer("accepted", to: referral, from: police, to: [desk]))
        let refused = try #require(try await refusal(of: answer("completed", to: referral, from: police, to: [desk])))
        #expect(refused.code.status == 422 && !refused.code.isTemporary)
        #expect(refused.faults.map(\.pointer) == ["/header/state"])
        #expect(refused.faults.map(\.keyword) == ["lifecycle"])
        for text in [refused.faults[0].detail.english, refused.faults[0].detail.indonesian, refused.detail.english] {
            #expect(text.contains("accepted, in-progress, failed, cancelled, entered-in-error"))
            #expect(!text.contains("completed"))
        }
    }

    @Test func `a previous state that is not the last one is refused at its place`() async throws {
        let referral = try await referral()
        var draft = try answer("accepted", to: referral, from: police, to: [desk])
        draft.header["previous"] = "received"
        #expect(try await refusal(of: draft) == nil)
        draft = try answer("in-progress", to: referral, from: police, to: [desk])
        draft.header["previous"] = "received"
        #expect(try await refusal(of: draft)?.faults.map(\.pointer) == ["/header/previous"])
        draft.header["previous"] = "accepted"
        #expect(try await refusal(of: draft) == nil)
    }

    @Test func `what has ended says so`() async throws {
        let thread = try TestThread(.securityIncident, network)
        for state in ["reported", "contained", "resolved"] { try await send(thread.step(state)) }
        let refused = try #require(try await refusal(of: thread.step("reported")))
        #expect(refused.detail.english.contains("no state may follow"))
    }

    @Test func `a thread that only its beginner moves on is not moved by its recipient`() async throws {
        let thread = try TestThread(.bulletin, network)
        for state in ["draft", "approved"] { try await send(thread.step(state)) }
        var foreign = try thread.step("published")
        foreign.sender = police
        foreign.header["sender"] = .string(police.id.description)
        foreign.header["recipients"] = [.string(desk.id.description)]
        foreign.sealedTo = [desk]
        #expect(try await refusal(of: foreign)?.faults.map(\.pointer) == ["/header/state"])
        #expect(try await refusal(of: thread.step("published")) == nil)
    }

    @Test func `a message that its type lets go without a state takes no step`() async throws {
        let thread = try TestThread(.screening, network)
        var draft = try thread.step("presumed")
        draft.header["state"] = nil
        #expect(try await refusal(of: draft) == nil)
        #expect(try await refusal(of: thread.step("presumed")) == nil)
    }

    @Test func `a refused step leaves its leaf and nothing else, and the id can still be used`() async throws {
        let referral = try await referral()
        var draft = try answer("completed", to: referral, from: police, to: [desk])
        #expect(try await refusal(of: draft)?.code == .lifecycle)
        #expect(store.leaves.count == 2)
        draft.header["state"] = "accepted"
        #expect(try await refusal(of: draft) == nil)
        #expect(try await store.statistics(at: network.now).messages == 2)
    }

    @Test func `the same octets get their receipt when the thread has gone on`() async throws {
        let referral = try await referral()
        let first = try answer("received", to: referral, from: police, to: [desk]).envelope()
        let caller = try network.caller(police, of: broker)
        let receipt = try await broker.intake.accept(first, from: caller).receipt
        try await send(answer("accepted", to: referral, from: police, to: [desk]))
        let again = try await broker.intake.accept(first, from: caller)
        #expect(again.receipt == receipt && again.isRepeated)
    }

    @Test func `of answers that race through the path one is accepted`() async throws {
        let referral = try await referral()
        let (broker, caller) = (broker, try network.caller(police, of: broker))
        let envelopes = try (0..<12).map { number in
            try answer(number % 2 == 0 ? "rejected" : "redirected", to: referral, from: police, to: [desk]).envelope()
        }
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for envelope in envelopes {
                group.addTask { (try? await broker.intake.accept(envelope, from: caller)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1)
        #expect(try await store.statistics(at: network.now).logSize == 2 + 1 + 11)
    }

    // MARK: Its place on the path

    @Test func `relations come behind class and seal, and before the policy`() async throws {
        let closed = try network.makeBroker(on: store, policy: Policy(rules: [], digest: network.openPolicy().digest))
        func code(_ draft: TestMessage) async throws -> ErrorCode? {
            do {
                _ = try await closed.intake.accept(draft.envelope(), from: network.caller(draft.sender, of: closed))
                return nil
            } catch let recorded as RecordedRefusal {
                return recorded.refusal.code
            }
        }
        let unknown = TestMessage(from: desk, to: [police], at: network.now)
        var draft = try message(from: desk, to: [police], inReplyTo: unknown)
        #expect(try await code(draft) == .lifecycle)
        draft.header["privacy"] = "P4"
        #expect(try await code(draft) == .mustBeSealed)
        draft = try message(from: desk, to: [police])
        #expect(try await code(draft) == .policyDenied)
    }

    @Test func `validating says the same, and leaves nothing`() async throws {
        let referral = try await referral()
        let caller = try network.caller(police, of: broker)
        let draft = try answer("completed", to: referral, from: police, to: [desk])
        let refused = await #expect(throws: Refusal.self) {
            try await broker.intake.examine(draft.envelope(), from: caller)
        }
        #expect(refused?.code == .lifecycle)
        #expect(store.leaves.count == 1)
    }

    @Test func `the store is not asked about a message that refers to nothing`() async throws {
        _ = try await report()
        _ = try await referral()
        #expect(store.relationsRead == 0)
        try await send(message(from: desk, to: [police], inReplyTo: try await report()))
        #expect(store.relationsRead == 1)
    }
}
