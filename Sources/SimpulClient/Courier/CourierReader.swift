internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Reads a bundle of the broker for this agency: every line is verified before anything in it is looked at.
public struct CourierReader: Sendable {
    private let agency: AgencyID
    private let hub: AgencyID
    private let known: KnownKeys
    private let sealing: [AgencyKeys.SealingKey]
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    /// A reader of that agency.
    public init(
        agency: AgencyID, hub: AgencyID, known: KnownKeys, sealing: [AgencyKeys.SealingKey], limits: Limits = Limits(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.agency, self.hub, self.known, self.sealing) = (agency, hub, known, sealing)
        (self.limits, self.now) = (limits, now)
    }

    /// Hands on what a file holds, item by item.
    /// - Returns: the bundle's head, where the file is a whole bundle.
    /// - Throws: ``ClientError`` with one of the bundle's codes; what the body throws. Items before the fault were handed
    ///   on: ``verify(_:)`` first.
    @discardableResult
    public func read(_ path: String, each body: (BundleItem) async throws -> Void) async throws -> BundleHead {
        var sequence = BundleSequence(limits: limits)
        do {
            try await FileLines(path: path, longest: limits.bundleLineBytes).each { octets in
                let line = try verified(octets)
                try sequence.take(line)
                let items = try line.items(
                    openedWith: sealing.map { ($0.certificate, $0.key) }, limits: limits)
                try sequence.count(items.count)
                for item in items { try await body(item) }
            }
            return try sequence.end()
        } catch let refusal as Refusal {
            throw ClientError(refusal)
        } catch let error as FileError where error.number == FileError.tooLarge {
            throw ClientError(Refusal.bundleTooLarge)
        } catch let error as FileError {
            throw ClientError(error)
        }
    }

    /// Reads a whole bundle without handing anything on.
    /// - Throws: ``ClientError``.
    @discardableResult
    public func verify(_ path: String) async throws -> BundleHead { try await read(path) { _ in } }

    private func verified(_ octets: [UInt8]) throws(Refusal) -> BundleLine {
        let line = try BundleLine(parsing: octets, limits: limits)
        let moment = now()
        try line.head.require(for: agency, from: hub, at: moment, limits: limits)
        guard let signer = known.signer(line.signer), signer.agency == hub, signer.isValid(at: moment) else {
            throw Refusal(
                .signerUnknown, at: .verify,
                LocalizedText(
                    "The bundle is signed by no certificate of the broker that is known here and in date. Put the broker's sign certificate into the known folder.",
                    "Bundel tidak ditandatangani sertifikat simpul yang dikenal di sini dan masih berlaku. Simpan sertifikat sign simpul di folder known."
                ))
        }
        guard line.isSigned(by: signer.certificate.publicKey) else {
            throw Refusal(
                .signatureInvalid, at: .verify,
                LocalizedText(
                    "The bundle's signature does not verify: it was changed. Ask for it again.",
                    "Tanda tangan bundel tidak sah: isinya telah diubah. Minta lagi."))
        }
        return line
    }
}
