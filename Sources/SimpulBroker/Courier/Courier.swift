internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// The way of messages where there is no line: bundles for an agency, and bundles from it. Everything may be repeated:
/// what an envelope or a receipt comes to does not depend on how, or how often, it came.
public struct Courier: Sendable {
    let authenticator: Authenticator
    let intake: Intake
    let inbox: Inbox
    let store: any MessageStore
    let rulebook: Rulebook
    let key: CourierKey?
    let limits: Limits
    let now: @Sendable () -> Timestamp
    let receipts: ReceiptIssuer
    private let identity: SigningIdentity

    /// The broker's id.
    var broker: AgencyID { identity.agency }

    /// The courier of a broker.
    /// - Parameter key: what opens bundles for the broker; without one none can be imported.
    init(
        authenticator: Authenticator, intake: Intake, inbox: Inbox, store: any MessageStore, rulebook: Rulebook,
        receipts: ReceiptIssuer, key: CourierKey?, limits: Limits, now: @escaping @Sendable () -> Timestamp
    ) {
        (self.authenticator, self.intake, self.inbox) = (authenticator, intake, inbox)
        (self.store, self.rulebook, self.key) = (store, rulebook, key)
        (self.limits, self.now) = (limits, now)
        self.receipts = receipts
        identity = receipts.identity
    }

    /// What went into a bundle.
    public struct Exported: Sendable, Equatable {
        /// Messages.
        public var messages = 0
        /// Rungs.
        public var rungs = 0
        /// Answers to envelopes that came in bundles.
        public var answers = 0
        /// Whether more waits than one bundle takes.
        public var isCut = false
    }

    /// Makes ready for a bundle, so that what cannot be exported is refused before the first octet.
    /// - Throws: `not-found` where no active agency has the id, `delivery-state` where its queue is paused,
    ///   `seal-recipients` where it has no certificate to seal to.
    public func export(for agency: AgencyID) throws(Refusal) -> CourierExport {
        let roster = rulebook.rules.roster
        guard roster.activeAgency(agency) != nil else { throw .notFound }
        guard store.pausedQueues[agency] == nil else {
            throw Refusal(
                .deliveryState, at: .deliver,
                LocalizedText(
                    "The agency's queue is paused: nothing of it is given out, in a bundle neither.",
                    "Antrean instansi itu dijeda: tidak ada yang diberikan, juga tidak dalam bundel."))
        }
        let moment = now()
        let certificates = roster.sealingCertificates(of: agency, at: moment).map(\.certificate)
        guard !certificates.isEmpty else {
            throw Refusal(
                .sealRecipients, at: .deliver,
                LocalizedText(
                    "The agency has no sealing certificate that may be used now; nothing can be sealed to it.",
                    "Instansi itu tidak punya sertifikat segel yang berlaku sekarang; tidak ada yang dapat disegel untuknya."
                ))
        }
        let head = BundleHead(
            id: MessageID(version7At: moment, random: SecureRandom.bytes(10)), from: broker, recipient: agency,
            at: moment)
        return CourierExport(
            courier: self, agency: agency, id: head.id,
            writer: BundleWriter(head: head, identity: identity, sealedTo: certificates, limits: limits))
    }

    /// Begins to take a bundle.
    /// - Parameters:
    ///   - isCheck: whether everything is verified and nothing done.
    ///   - begun: told once which bundle it is, when its first line was verified and before anything in it is done; what
    ///     it throws ends the import. A check tells nobody.
    public func beginImport(
        isCheck: Bool, begun: @escaping @Sendable (BundleHead) async throws -> Void = { _ in }
    ) -> CourierImport { CourierImport(courier: self, isCheck: isCheck, begun: begun) }
}

/// One bundle for an agency, on its way out. It leases and settles nothing: what is in it waits for the line as before.
/// Each message in it is `delivered` from then on: it may have been got, so nothing calls it back in silence.
public struct CourierExport: Sendable {
    let courier: Courier
    let agency: AgencyID
    /// The bundle's id.
    public let id: MessageID
    var writer: BundleWriter

    /// Writes the bundle, each line with its LF.
    /// - Throws: a ``StoreError``, a `Refusal`, or what `write` throws; the bundle has no last line then.
    public func write(
        _ write: ([UInt8]) async throws -> Void
    ) async throws -> Courier.Exported {
        var bundle = self
        var exported = Courier.Exported()
        if let key = courier.key {
            try await bundle.add(
                .courierKey(certificate: key.certificate.pem, endorsement: key.endorsement), write)
        }
        try await bundle.addAnswers(&exported, write)
        try await bundle.addDeliveries(&exported, write)
        try await bundle.addRungs(&exported, write)
        try await write(try bundle.writer.finish() + Self.lineEnd)
        return exported
    }

    private static let lineEnd = [UInt8(ascii: "\n")]

    private mutating func add(_ item: BundleItem, _ write: ([UInt8]) async throws -> Void) async throws {
        if let line = try writer.add(item) { try await write(line + Self.lineEnd) }
    }

    private mutating func addAnswers(
        _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        var last: UInt64?
        while true {
            let page = try await courier.store.answers(for: agency, after: last, limit: courier.limits.bundlePage)
            for answer in page {
                guard !writer.isFull else { return exported.isCut = true }
                try await add(.answer(receipt: answer.receipt, mark: answer.leaf), write)
                exported.answers += 1
            }
            last = page.last?.leaf ?? last
            guard page.count == courier.limits.bundlePage else { return }
        }
    }

    private mutating func addDeliveries(
        _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        var place: CourierPlace?
        repeat {
            let page = try await courier.store.unsettled(
                for: agency, after: place, limit: courier.limits.bundlePage, bytes: courier.limits.inboxBytes)
            let (receipts, keys) = (courier.receipts, page.deliveries.map(\.key))
            try await courier.store.carry(keys, to: agency, at: courier.now()) { try receipts.rung(.delivered, $0) }
            for delivery in page.deliveries {
                guard !writer.isFull else { return exported.isCut = true }
                try await add(
                    .delivery(
                        delivery.key, envelope: delivery.envelope, receipt: delivery.receipt, due: delivery.due), write)
                exported.messages += 1
            }
            place = page.next
        } while place != nil
    }

    private mutating func addRungs(
        _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        var last: UInt64?
        while true {
            let page = try await courier.store.untold(for: agency, after: last, limit: courier.limits.bundlePage)
            for rung in page {
                guard !writer.isFull else { return exported.isCut = true }
                guard let id = rung.id else { continue }
                try await add(.rung(id: id, receipt: rung.receipt, mark: rung.leaf), write)
                exported.rungs += 1
            }
            last = page.last?.leaf ?? last
            guard page.count == courier.limits.bundlePage else { return }
        }
    }
}
