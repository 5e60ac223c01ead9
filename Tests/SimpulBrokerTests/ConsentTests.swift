import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// Consents through the whole path: how they are recorded, and what passes on them.
@Suite struct ConsentTests {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    private var desk: TestAgency { network.immigration }
    private var unit: TestAgency { network.protection }
    private var shelter: TestAgency { network.shelter }
    private var now: Timestamp { network.now }

    @discardableResult
    private func send(_ draft: TestMessage) async throws -> Acceptance {
        try await send(draft.envelope(), from: draft.sender)
    }

    @discardableResult
    private func send(_ envelope: [UInt8], from sender: TestAgency) async throws -> Acceptance {
        try await broker.intake.accept(envelope, from: network.caller(sender, of: broker))
    }

    private func refusal(of draft: TestMessage, on broker: Broker? = nil) async throws -> Refusal? {
        let broker = broker ?? self.broker
        do {
            _ = try await broker.intake.accept(draft.envelope(), from: network.caller(draft.sender, of: broker))
            return nil
        } catch let recorded as RecordedRefusal {
            #expect(recorded.refusal.message == draft.id)
            return recorded.refusal
        }
    }

    private func consent(
        _ action: String = "grant", by holder: TestAgency? = nil, with agencies: [TestAgency]? = nil,
        changing change: (inout TestMessage) -> Void = { _ in }
    ) -> TestMessage {
        var draft = TestMessage.consent(
            action, by: holder ?? unit, sharedWith: agencies ?? [desk, shelter], at: now)
        change(&draft)
        return draft
    }

    private func end(_ action: String = "withdraw", by holder: TestAgency? = nil) -> TestMessage {
        TestMessage.consentEnd(action, by: holder ?? unit, at: now)
    }

    private func referral(
        from sender: TestAgency? = nil, to recipients: [TestAgency]? = nil,
        changing change: (inout TestMessage) -> Void = { _ in }
    ) -> TestMessage {
        var draft = TestMessage.referral(from: sender ?? unit, to: recipients ?? [shelter], at: now)
        change(&draft)
        return draft
    }

    // MARK: Recording

    @Test func `the end of what was never granted is refused, and so is a change`() async throws {
        for draft in [end(), end("expire"), consent("modify")] {
            let refused = try #require(try await refusal(of: draft))
            #expect(refused.code == .consent && refused.stage == .authorize)
            #expect(refused.faults.map(\.pointer) == ["/body/consentRef"])
        }
    }

    @Test func `a reference is granted once by each holder`() async throws {
        try await send(consent())
        let again = try #require(try await refusal(of: consent()))
        #expect(again.code == .consent && again.faults.map(\.pointer) == ["/body/consentRef"])
        #expect(try await refusal(of: consent(by: shelter, with: [desk])) == nil)
        #expect(try await refusal(of: consent { $0.header["status"] = "Exercise" }) == nil)
        #expect(try await refusal(of: end(by: desk))?.code == .consent)
    }

    @Test(arguments: ["withdraw", "expire"])
    func `a grant ends once, and nothing follows`(_ action: String) async throws {
        try await send(consent())
        try await send(consent("modify"))
        try await send(end(action))
        for draft in [consent(), consent("modify"), end("withdraw"), end("expire")] {
            #expect(try await refusal(of: draft)?.code == .consent)
        }
    }

    @Test func `what is over by itself is changed no more, but may be ended`() async throws {
        try await send(consent { $0.body["until"] = .string(now.advanced(bySeconds: -1).description) })
        #expect(try await refusal(of: consent("modify"))?.code == .consent)
        #expect(try await refusal(of: end("expire")) == nil)
    }

    @Test func `header and body that do not agree are refused with every place`() async throws {
        let cases: [(TestMessage, [String])] = [
            (consent { $0.header["consentRef"] = "C-2027" }, ["/body/consentRef"]),
            (
                consent {
                    $0.body["ended"] = ["at": .string(now.description), "cause": "ELAPSED"]
                }, ["/body/ended"]
            ),
            (consent("withdraw"), ["/body/ended"]), (consent("expire"), ["/body/ended"]),
            (consent { $0.body["until"] = $0.body["from"] }, ["/body/until"]),
            (
                consent {
                    $0.header["consentRef"] = "C-2027"
                    $0.body["until"] = $0.body["from"]
                }, ["/body/consentRef", "/body/until"]
            ),
        ]
        for (draft, pointers) in cases {
            let refused = try #require(try await refusal(of: draft))
            #expect(refused.code == .rule && refused.stage == .validate)
            #expect(refused.faults.map(\.pointer) == pointers)
        }
        #expect(try await refusal(of: consent { $0.header["consentRef"] = "C-2026" }) == nil)
    }

    @Test func `a consent of a year passes, and one of a second more does not`() async throws {
        let year: Int64 = 365 * 86400
        let from = now.advanced(bySeconds: -3600)
        func lasting(_ seconds: Int64, _ reference: JSON) -> TestMessage {
            consent {
                $0.body["consentRef"] = reference
                $0.body["until"] = .string(from.advanced(bySeconds: seconds).description)
            }
        }
        let refused = try #require(try await refusal(of: lasting(year + 1, "C-2027")))
        #expect(refused.code == .rule && refused.faults.map(\.pointer) == ["/body/until"])
        #expect(try await refusal(of: lasting(year, "C-2027")) == nil)
    }

    @Test func `a sealed consent is refused, whoever could open it`() async throws {
        var draft = consent { $0.header["recipients"] = .array([.string(shelter.id.description)]) }
        draft.sealedTo = [shelter]
        let refused = try #require(try await refusal(of: draft))
        #expect(refused.code == .rule && refused.faults.map(\.pointer) == ["/body"])
    }

    @Test func `a consent is shared with no more agencies than one may be, over its life`() async throws {
        var limits = Limits()
        limits.consentParties = 2
        let broker = try network.makeBroker(on: MemoryStore(limits: limits), limits: limits)
        #expect(try await refusal(of: consent(with: [desk, shelter]), on: broker) == nil)
        #expect(try await refusal(of: consent("modify", with: [shelter]), on: broker) == nil)
        let refused = try #require(try await refusal(of: consent("modify", with: [network.police]), on: broker))
        #expect(refused.code == .consent && refused.faults.map(\.pointer) == ["/body/shareWith"])
    }

    // MARK: The broker as a recipient

    @Test func `the broker acknowledges a consent itself, and other recipients get it`() async throws {
        let draft = consent {
            $0.header["recipients"] = .array([
                .string(network.broker.agency.description), .string(shelter.id.description),
            ])
        }
        try await send(draft)
        let key = MessageKey(sender: unit.id, id: try #require(draft.id))
        let state = try #require(try await store.state(of: key))
        #expect(state.deliveries.map(\.state) == [.acknowledged, .waiting])
        let rung = try #require(state.deliveries[0].rungs.first)
        let said = try SignedStatement(
            receipt: rung.receipt, catalogue: network.catalogue, signers: network.brokerCertificate
        ).statement
        #expect(said.rung == .acknowledged && said.by == "system" && said.agency == network.broker.agency)
        let caller = try network.caller(shelter, of: broker)
        let got = try await broker.inbox.receive(.init(wait: 0, max: 10, lease: 60), for: caller)
        #expect(got.deliveries.map(\.key.id) == [draft.id])
    }

    @Test func `for every other type, and as a fallback, the broker is no recipient`() async throws {
        let hub = JSON.string(network.broker.agency.description)
        var report = TestMessage(from: desk, to: [shelter], at: now)
        report.header["recipients"] = [hub]
        #expect(try await refusal(of: report)?.code == .recipientUnknown)
        #expect(try await refusal(of: consent { $0.header["fallback"] = [hub] })?.code == .recipientUnknown)
    }

    // MARK: What passes

    @Test func `a referral on a living grant is accepted, from its holder and from those it is shared with`()
        async throws
    {
        #expect(try await refusal(of: referral())?.code == .consent)
        try await send(consent())
        #expect(try await refusal(of: referral()) == nil)
        #expect(try await refusal(of: referral(from: desk, to: [shelter, unit])) == nil)
        #expect(try await refusal(of: referral { $0.header["legalBasis"] = "PDP20-2d" }) == nil)
    }

    @Test func `each place that is not covered is named`() async throws {
        try await send(consent(with: [desk, shelter]))
        let police = network.police
        let cases: [(TestMessage, [String])] = [
            (referral(to: [shelter, police]), ["/header/recipients/1"]),
            (
                referral {
                    $0.header["fallback"] = [.string(police.id.description)]
                    $0.sealedTo = [shelter, police]
                }, ["/header/fallback/0"]
            ),
            (referral { $0.header["purpose"] = "RESTITUTION" }, ["/header/purpose"]),
            (
                referral {
                    $0.become(.infoRequest, ["consentRef": "C-2026", "legalBasis": "PDP20-2a", "kind": "Request"])
                    for name in ["priority", "services"] { $0.header[name] = nil }
                }, ["/header/type"]
            ),
        ]
        for (draft, pointers) in cases {
            let refused = try #require(try await refusal(of: draft))
            #expect(refused.code == .consent && refused.stage == .authorize)
            #expect(refused.faults.map(\.pointer) == pointers)
            #expect(Set(refused.faults.map(\.keyword)) == ["consent"])
        }
    }

    @Test func `unknown, foreign, ended, over, not begun, and of another status look the same`() async throws {
        try await send(consent(by: shelter, with: [network.police]))
        let other = { (change: @escaping (inout TestMessage) -> Void) in self.referral(changing: change) }
        var refused = [try await refusal(of: referral())]
        refused.append(try await refusal(of: other { $0.header["consentRef"] = "C-2099" }))
        try await send(consent { $0.header["status"] = "Actual" })
        refused.append(try await refusal(of: referral()))
        try await send(consent { $0.body["from"] = .string(now.advanced(bySeconds: 1).description) })
        refused.append(try await refusal(of: referral()))
        try await send(consent("modify") { $0.body["until"] = .string(now.description) })
        refused.append(try await refusal(of: referral()))
        try await send(end("expire"))
        refused.append(try await refusal(of: referral()))
        for refusal in refused {
            let refusal = try #require(refusal)
            #expect(refusal.faults == refused[0]?.faults && refusal.detail == refused[0]?.detail)
            #expect(refusal.faults.map(\.pointer) == ["/header/consentRef"])
        }
    }

    @Test func `of several holders' grants under one reference any one suffices`() async throws {
        try await send(consent(with: [desk]))
        try await send(consent(by: shelter, with: [desk]))
        #expect(try await refusal(of: referral(from: desk, to: [shelter])) == nil)
        #expect(try await refusal(of: referral(from: desk, to: [unit])) == nil)
        #expect(try await refusal(of: referral(from: desk, to: [unit, shelter]))?.code == .consent)
    }

    @Test func `more messages than may stand on one consent need a new one`() async throws {
        var limits = Limits()
        limits.consentMessages = 1
        let broker = try network.makeBroker(on: MemoryStore(limits: limits), limits: limits)
        #expect(try await refusal(of: consent(), on: broker) == nil)
        #expect(try await refusal(of: referral(), on: broker) == nil)
        let refused = try #require(try await refusal(of: referral(), on: broker))
        #expect(refused.code == .consent && refused.faults.map(\.pointer) == ["/header/consentRef"])
    }

    @Test func `what is only tried is judged and leaves nothing`() async throws {
        let caller = try network.caller(unit, of: broker)
        await #expect(throws: Refusal.self) { try await broker.intake.examine(referral().envelope(), from: caller) }
        _ = try await broker.intake.examine(consent().envelope(), from: caller)
        #expect(try await refusal(of: referral())?.code == .consent)
    }

    // MARK: Overriding

    private func overriding(approvedBy second: JSON = "KepalaUnit") -> TestMessage {
        referral {
            $0.header["legalBasis"] = "PDP20-2d"
            $0.header["consentOverride"] = [
                "reason": "DANGER_TO_LIFE", "decidedBy": "Pendamping-01", "approvedBy": second,
            ]
        }
    }

    @Test func `two officers may go without, and that is counted`() async throws {
        let envelope = try overriding().envelope()
        for _ in 0..<2 { try await send(envelope, from: unit) }
        #expect(broker.counters.snapshot.consentOverridden == 1)
        try await send(consent())
        try await send(referral())
        #expect(broker.counters.snapshot.consentOverridden == 1)
    }

    @Test func `one officer alone may not`() async throws {
        let refused = try #require(try await refusal(of: overriding(approvedBy: "Pendamping-01")))
        #expect(refused.code == .rule && refused.faults.map(\.keyword) == ["R-03"])
        #expect(refused.faults.map(\.pointer) == ["/header/consentOverride/approvedBy"])
        #expect(broker.counters.snapshot.consentOverridden == 0)
    }

    @Test func `a withdrawal leaves what went out without a consent`() async throws {
        try await send(consent())
        let draft = overriding()
        try await send(draft)
        try await send(end())
        let key = MessageKey(sender: unit.id, id: try #require(draft.id))
        #expect(try await store.state(of: key)?.state == .waiting)
    }

    // MARK: Withdrawal

    @Test func `after a withdrawal nothing passes, and what waited is never given out`() async throws {
        try await send(consent())
        let draft = referral()
        let waiting = try draft.envelope()
        let first = try await send(waiting, from: unit)
        let key = MessageKey(sender: unit.id, id: try #require(draft.id))
        _ = try await broker.messages.received(key, by: network.caller(shelter, of: broker))
        try await send(end())
        #expect(try await refusal(of: referral())?.faults.map(\.pointer) == ["/header/consentRef"])
        let caller = try network.caller(shelter, of: broker)
        #expect(try await broker.inbox.receive(.init(wait: 0, max: 10, lease: 60), for: caller).isEmpty)
        // Who never had it finds no trace of it; its sender does.
        await #expect(throws: Refusal.self) { try await broker.messages.received(key, by: caller) }
        _ = try await broker.messages.received(key, by: network.caller(unit, of: broker))
        // The submission again still has its first answer.
        let again = try await send(waiting, from: unit)
        #expect(again.isRepeated && again.receipt == first.receipt)
    }

    @Test func `who had a message before is told, and has three days to answer`() async throws {
        try await send(consent())
        let draft = referral()
        try await send(draft)
        let caller = try network.caller(shelter, of: broker)
        let got = try await broker.inbox.receive(.init(wait: 0, max: 10, lease: 60), for: caller)
        try await broker.inbox.acknowledge(try #require(got.deliveries.first?.token), receipt: nil, from: caller)
        async let told = broker.inbox.receive(.init(wait: 60, max: 10, lease: 60), for: caller)
        try await send(end())
        let rung = try #require(try await told.rungs.first)
        let said = try SignedStatement(
            receipt: rung.receipt, catalogue: network.catalogue, signers: network.brokerCertificate
        ).statement
        #expect(said.rung == .recalled && said.agency == shelter.id && said.sender == unit.id && said.id == draft.id)
        #expect(said.cause == .consentWithdrawn && said.answerBy == now.advanced(bySeconds: 3 * 86400))
        try await broker.inbox.acknowledge(rung.token, receipt: nil, from: caller)
    }

    @Test(arguments: MessageType.allCases)
    func `all but a consent, and what takes an earlier message back, needs the consent that it names`(
        type: MessageType
    ) throws {
        let named = try TestHeader.make(type, ["consentRef": "C-2026"])
        let isFree = [.consent, .withdrawal, .recall].contains(type)
        #expect(named.needsConsent == !isFree && (named.neededConsent == nil) == isFree)
        #expect(try !TestHeader.make(type, ["consentRef": "C-2026", "consentOverride": [:]]).needsConsent)
        #expect(try TestHeader.make(type, ["legalBasis": "PDP20-2a"]).needsConsent == !isFree)
        #expect(try !TestHeader.make(type).needsConsent)
    }
}
