internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// One bundle from an agency, on its way in, line by line. Each line is verified by the rules of its moment before
/// anything in it is looked at; its envelopes then go the way of every submission, its receipts that of every receipt.
public struct CourierImport: Sendable {
    private let courier: Courier
    private let isCheck: Bool
    private let begun: @Sendable (BundleHead) async throws -> Void
    private var sequence: BundleSequence
    private var imported = Imported()
    private var attachments: CourierAttachments
    private var held = HeldMessages()

    init(courier: Courier, isCheck: Bool, begun: @escaping @Sendable (BundleHead) async throws -> Void) {
        (self.courier, self.isCheck, self.begun) = (courier, isCheck, begun)
        sequence = BundleSequence(limits: courier.limits)
        attachments = CourierAttachments(courier.attachments)
    }

    /// What a bundle came to.
    public struct Imported: Sendable, Equatable {
        /// The bundle's head.
        public var head: BundleHead?
        /// Messages that are new.
        public var accepted = 0
        /// Messages that were here before.
        public var repeated = 0
        /// Messages that were refused: code and receipt of each, the first ones.
        public var refusals: [Refused] = []
        /// Messages that were refused.
        public var refused = 0
        /// Receipts that are new.
        public var recorded = 0
        /// Receipts whose rung, or a higher one, was here before.
        public var known = 0
        /// Receipts that were refused.
        public var receiptsRefused = 0
        /// Rungs and answers that the agency has, and that were waiting for it until now.
        public var confirmed = 0
        /// Messages that were neither taken nor refused for good, because a quota was reached, or because what they build
        /// on was left: import again.
        public var left = 0
        /// Attachments that are whole now and were not before.
        public var attachmentsTaken = 0
        /// Attachments that were whole before.
        public var attachmentsKnown = 0
        /// Attachments that have another digest than the bundle says, or are too large.
        public var attachmentsRefused = 0
        /// Attachments that a quota left out: import again.
        public var attachmentsLeft = 0
        /// Items that an agency does not send, or of a form that is not known. They were passed over.
        public var passedOver = 0

        /// A message that was refused.
        public struct Refused: Sendable, Equatable {
            /// The message, where a verified document gave an id.
            public var id: MessageID?
            /// Why.
            public var code: ErrorCode
            /// The stage.
            public var stage: Stage
        }
    }

    /// Takes the next line, without its line end.
    /// - Throws: what is wrong with the bundle: nothing of this line was done. A ``StoreError`` where something could
    ///   not be written: import the bundle again.
    public mutating func take(_ octets: [UInt8]) async throws {
        let line = try BundleLine(parsing: octets, limits: courier.limits)
        try line.head.require(for: courier.broker, at: courier.now(), limits: courier.limits)
        let caller = try courier.authenticator.authenticate(line)
        try sequence.take(line)
        guard let key = courier.key else { throw Refusal.noCourierKey }
        let items = try line.items(openedWith: [(key.certificate, key.key)], limits: courier.limits)
        try sequence.count(items.count)
        if imported.head == nil, !isCheck { try await begun(line.head) }
        imported.head = line.head
        if !isCheck { try await handle(items, from: caller) }
    }

    /// Says that nothing more comes.
    /// - Throws: `bundle-incomplete`, `bundle-invalid`.
    public func end() throws(Refusal) -> Imported {
        try sequence.end()
        var imported = imported
        imported.attachmentsTaken = attachments.taken
        imported.attachmentsKnown = attachments.known
        imported.attachmentsRefused = attachments.refused
        imported.attachmentsLeft = attachments.left.count
        return imported
    }

    private mutating func handle(_ items: [BundleItem], from caller: Caller) async throws {
        var envelopes: [[UInt8]] = []
        var confirmations: [CourierConfirmation] = []
        for item in items {
            switch item {
            case .attachmentPart(let attachment, let offset, let octets):
                // What came before is accepted first: an agency has few attachments that no message lists.
                try await submit(envelopes, from: caller)
                envelopes = []
                try await attachments.take(attachment, offset, octets, from: caller)
            case .envelope(let envelope) where mustWait(envelope): imported.left += 1
            case .envelope(let envelope):
                envelopes.append(envelope)
                guard envelopes.count == courier.limits.batchInFlight else { continue }
                try await submit(envelopes, from: caller)
                envelopes = []
            case .receipt(let key, let receipt): try await record(receipt, of: key, from: caller)
            case .confirmation(let mark, let digest):
                confirmations.append(CourierConfirmation(leaf: mark, digest: digest))
            case .delivery, .rung, .answer, .courierKey, .unknown: imported.passedOver += 1
            }
        }
        try await submit(envelopes, from: caller)
        for start in stride(from: 0, to: confirmations.count, by: courier.limits.batchInFlight) {
            let some = Array(confirmations[start...].prefix(courier.limits.batchInFlight))
            imported.confirmed += try await courier.store.confirm(some, by: caller.agency.id)
        }
    }

    /// Whether a message lists what could not be taken now, or builds on one that was left.
    private mutating func mustWait(_ envelope: [UInt8]) -> Bool {
        guard !attachments.left.isEmpty || !held.isEmpty,
            let header = courier.intake.statedHeader(of: envelope)
        else { return false }
        guard header.attachments.contains(where: { attachments.left.contains($0.digest) }) || held.concern(header)
        else { return false }
        held.hold(header.id)
        return true
    }

    private mutating func submit(_ envelopes: [[UInt8]], from caller: Caller) async throws {
        guard !envelopes.isEmpty else { return }
        let results = await courier.intake.accept(envelopes.map { .octets($0) }, from: caller, by: .bundle)
        var answers: [CourierAnswer] = []
        var trouble: (any Error)?
        for (envelope, result) in zip(envelopes, results) {
            do {
                let acceptance = try result.get()
                if acceptance.isRepeated { imported.repeated += 1 } else { imported.accepted += 1 }
                if let id = courier.intake.statedID(of: envelope) { answers.append(.accepted(id)) }
            } catch let recorded as RecordedRefusal {
                answers.append(.refused(leaf: recorded.leaf))
                note(recorded.refusal)
            } catch is Refusal {
                imported.left += 1
                if let id = courier.intake.statedID(of: envelope) { held.hold(id) }
            } catch {
                trouble = error
            }
        }
        try await courier.store.keep(answers, for: caller.agency.id)
        if let trouble { throw trouble }
    }

    private mutating func note(_ refusal: Refusal) {
        imported.refused += 1
        guard imported.refusals.count < courier.limits.violations else { return }
        imported.refusals.append(.init(id: refusal.message, code: refusal.code, stage: refusal.stage))
    }

    private mutating func record(_ receipt: Receipt, of key: MessageKey, from caller: Caller) async throws {
        let before = try await height(of: key, at: caller.agency.id)
        do {
            try await courier.inbox.record(receipt.token, of: key, from: caller)
        } catch is Refusal {
            imported.receiptsRefused += 1
            return
        }
        let after = try await height(of: key, at: caller.agency.id)
        if after > before { imported.recorded += 1 } else { imported.known += 1 }
    }

    private func height(of key: MessageKey, at agency: AgencyID) async throws(StoreError) -> Int {
        let delivery = try await courier.store.state(of: key)?.deliveries.first { $0.agency == agency }
        return delivery?.rungs.map(\.rung.height).max() ?? 0
    }
}

extension Refusal {
    static let noCourierKey = Refusal(
        .courierKey, at: .verify,
        LocalizedText(
            "This broker has no courier key. Make one with: simpul courier key --config simpuld.yaml; then restart it.",
            "Simpul ini tidak punya kunci kurir. Buat dengan: simpul courier key --config simpuld.yaml; lalu jalankan ulang."
        ))

    static let bundleSignerUnknown = Refusal(
        .signerUnknown, at: .verify,
        LocalizedText(
            "The bundle is signed by no sign certificate of the roster that may be used now.",
            "Bundel tidak ditandatangani sertifikat sign dalam daftar instansi yang berlaku sekarang."))

    static let bundleFromAnother = Refusal(
        .bundleForeign, at: .verify,
        LocalizedText(
            "The bundle says that it is from another agency than the one that signed it.",
            "Bundel menyebut instansi asal yang berbeda dari penanda tangannya."))

    static let bundleAlgorithm = Refusal(
        .algorithmRefused, at: .verify,
        LocalizedText(
            "Sign with ES256, EdDSA or PS256; RS256 only where the roster allows it.",
            "Tanda tangani dengan ES256, EdDSA, atau PS256; RS256 hanya bila diizinkan daftar instansi."))

    static let bundleSignature = Refusal(
        .signatureInvalid, at: .verify,
        LocalizedText(
            "The bundle's signature does not verify: it was changed. Export it again.",
            "Tanda tangan bundel tidak sah: isinya telah diubah. Ekspor ulang."))
}
