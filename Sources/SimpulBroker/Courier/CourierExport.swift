public import SimpulCore
internal import SimpulEnvelope

/// One bundle for an agency, on its way out. It leases and settles nothing: what is in it waits for the line as before.
/// Each message in it is `delivered` from then on: it may have been got, so nothing calls it back in silence.
///
/// Messages without attachments come first, in the order of the queue, then the rungs; so a large file holds up nothing
/// that fits. Each message with attachments follows behind theirs, as long as the bundle has room for all of it.
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
        let hasAttachments = try await bundle.addDeliveries(&exported, write)
        try await bundle.addRungs(&exported, write)
        if hasAttachments { try await bundle.addDeliveriesWithAttachments(&exported, write) }
        try await write(try bundle.writer.finish() + Self.lineEnd)
        return exported
    }

    private static let lineEnd = [UInt8(ascii: "\n")]
    /// Octets of an item around its envelope and its receipt, generously.
    private static let itemFrame = 1024

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

    /// - Returns: whether there are messages with attachments, which were passed over.
    private mutating func addDeliveries(
        _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws -> Bool {
        var hasAttachments = false
        var place: CourierPlace?
        repeat {
            let page = try await page(after: place)
            let plain = page.deliveries.filter { attachments(of: $0).isEmpty }
            hasAttachments = hasAttachments || plain.count < page.deliveries.count
            let fitting = fitting(plain)
            try await carry(fitting)
            for delivery in fitting { try await add(delivery, &exported, write) }
            guard fitting.count == plain.count else {
                exported.isCut = true
                return false
            }
            place = page.next
        } while place != nil
        return hasAttachments
    }

    private mutating func addDeliveriesWithAttachments(
        _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        var place: CourierPlace?
        repeat {
            let page = try await page(after: place)
            for delivery in page.deliveries {
                let attachments = attachments(of: delivery)
                guard !attachments.isEmpty else { continue }
                guard writer.hasRoom(for: attachments) else {
                    exported.isCut = true
                    continue
                }
                try await carry([delivery])
                for attachment in attachments { try await add(attachment, &exported, write) }
                try await add(delivery, &exported, write)
            }
            place = page.next
        } while place != nil
    }

    /// One that is no longer there is passed over, as the wire would answer that there is none: its message goes without.
    private mutating func add(
        _ attachment: ListedAttachment, _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        guard let reading = try await courier.attachments.carried(attachment.digest, to: agency),
            reading.bytes == attachment.bytes
        else { return }
        var offset = 0
        while offset < attachment.bytes {
            // Removed while it was read: its reader has no end of it and does not keep it.
            guard let octets = try await reading.readIfThere(from: offset) else { return }
            try await add(.attachmentPart(attachment, offset: offset, octets: octets), write)
            offset += octets.count
        }
        exported.attachments += 1
    }

    private mutating func add(
        _ delivery: UnsettledDelivery, _ exported: inout Courier.Exported, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        try await add(
            .delivery(delivery.key, envelope: delivery.envelope, receipt: delivery.receipt, due: delivery.due), write)
        exported.messages += 1
    }

    private func page(after place: CourierPlace?) async throws(StoreError) -> UnsettledPage {
        try await courier.store.unsettled(
            for: agency, after: place, limit: courier.limits.bundlePage, bytes: courier.limits.inboxBytes)
    }

    private func attachments(of delivery: UnsettledDelivery) -> [ListedAttachment] {
        courier.intake.statedHeader(of: delivery.envelope)?.attachments ?? []
    }

    /// As many from the first one on as the bundle has room for, so that no other is said to be `delivered`.
    private func fitting(_ deliveries: [UnsettledDelivery]) -> [UnsettledDelivery] {
        var octets = 0
        let end = deliveries.indices.first { index in
            octets += deliveries[index].envelope.count + deliveries[index].receipt.token.count + Self.itemFrame
            return !writer.hasRoom(items: index + 1, octets: octets)
        }
        return Array(deliveries[..<(end ?? deliveries.count)])
    }

    private func carry(_ deliveries: [UnsettledDelivery]) async throws(StoreError) {
        guard !deliveries.isEmpty else { return }
        let receipts = courier.receipts
        try await courier.store.carry(deliveries.map(\.key), to: agency, at: courier.now()) {
            try receipts.rung(.delivered, $0)
        }
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
