internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// The way of messages where there is no line: bundles for an agency, and bundles from it. Everything may be repeated:
/// what an envelope or a receipt comes to does not depend on how, or how often, it came.
public struct Courier: Sendable {
    let authenticator: Authenticator
    let intake: Intake
    let inbox: Inbox
    let attachments: Attachments
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
        authenticator: Authenticator, intake: Intake, inbox: Inbox, attachments: Attachments, store: any MessageStore,
        rulebook: Rulebook, receipts: ReceiptIssuer, key: CourierKey?, limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.authenticator, self.intake, self.inbox) = (authenticator, intake, inbox)
        self.attachments = attachments
        (self.store, self.rulebook, self.key) = (store, rulebook, key)
        (self.limits, self.now) = (limits, now)
        self.receipts = receipts
        identity = receipts.identity
    }

    /// What went into a bundle.
    public struct Exported: Sendable, Equatable {
        /// Messages.
        public var messages = 0
        /// Attachments.
        public var attachments = 0
        /// Rungs.
        public var rungs = 0
        /// Answers to envelopes that came in bundles.
        public var answers = 0
        /// Whether more waits than one bundle takes.
        public var isCut = false
    }

    /// Makes ready for a bundle, so that what cannot be exported is refused before the first octet.
    /// - Parameter octets: what the medium has room for, where that is less than a bundle may have.
    /// - Throws: `not-found` where no active agency has the id, `delivery-state` where its queue is paused,
    ///   `seal-recipients` where it has no certificate to seal to.
    public func export(for agency: AgencyID, octets: Int? = nil) throws(Refusal) -> CourierExport {
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
        var limits = limits
        limits.bundleBytes = min(limits.bundleBytes, octets ?? .max)
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
