internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Writes this agency's bundle for the broker: what waits in the spool, the receipts that it has signed, and what it
/// confirms. Nothing leaves the spool by it.
public struct CourierWriter: Sendable {
    private let identity: SigningIdentity
    private let hub: AgencyID
    private let certificates: [Certificate]
    private let spool: Spool
    private let returns: CourierReturns
    private let limits: Limits

    /// What went into a bundle.
    public struct Exported: Sendable, Equatable {
        /// The bundle.
        public var head: BundleHead
        /// Envelopes.
        public var envelopes = 0
        /// Receipts.
        public var receipts = 0
        /// Confirmations.
        public var confirmations = 0
        /// Whether there is more than one bundle takes.
        public var isCut = false
    }

    /// A writer.
    /// - Throws: ``ClientError`` of code `courier-key` where no courier certificate of the broker is believed here.
    public init(
        identity: SigningIdentity, hub: AgencyID, known: KnownKeys, spool: Spool, returns: CourierReturns,
        at now: Timestamp, limits: Limits = Limits()
    ) throws(ClientError) {
        let directory = DirectoryCache(spoolFolder: spool.folder).listing
        certificates = directory.map { known.courierCertificates(of: hub, in: $0, at: now) } ?? []
        guard !certificates.isEmpty else {
            throw ClientError(
                .unable, ErrorCode.courierKey.rawValue,
                LocalizedText(
                    "No courier certificate of \(hub) is known here that its sign key has endorsed. Import a bundle of the broker first. If it has no courier key, its operator makes one with: simpul courier key --config simpuld.yaml",
                    "Sertifikat kurir \(hub) yang dijamin kunci sign-nya tidak dikenal di sini. Impor dahulu bundel dari simpul. Bila simpul belum punya kunci kurir, operatornya membuatnya dengan: simpul courier key --config simpuld.yaml"
                ))
        }
        (self.identity, self.hub, self.spool, self.returns) = (identity, hub, spool, returns)
        self.limits = limits
    }

    /// Writes the bundle to that file, and puts it in its place.
    /// - Throws: ``ClientError``; the file is not there then.
    public func write(to file: PartialFile, at now: Timestamp) throws(ClientError) -> Exported {
        let head = BundleHead(
            id: MessageID(version7At: now, random: SecureRandom.bytes(10)), from: identity.agency, recipient: hub,
            at: now)
        var writer = BundleWriter(head: head, identity: identity, sealedTo: certificates, limits: limits)
        var exported = Exported(head: head)
        func add(_ item: BundleItem, _ count: WritableKeyPath<Exported, Int>) throws(ClientError) {
            guard !writer.isFull else { return exported.isCut = true }
            do throws(Refusal) {
                if let line = try writer.add(item) { try Self.append(line, to: file) }
            } catch {
                throw ClientError(error)
            }
            exported[keyPath: count] += 1
        }
        for id in try spool.waiting() {
            guard let envelope = try spool.waiting(id) else { continue }
            try add(.envelope(envelope.bytes), \.envelopes)
        }
        for (key, receipt) in try returns.receipts(at: now) { try add(.receipt(of: key, receipt), \.receipts) }
        for confirmation in returns.confirmations {
            try add(.confirmation(mark: confirmation.mark, digest: confirmation.digest), \.confirmations)
        }
        do throws(Refusal) { try Self.append(try writer.finish(), to: file) } catch { throw ClientError(error) }
        do throws(FileError) { try file.finish() } catch { throw ClientError(error) }
        return exported
    }

    private static func append(_ line: [UInt8], to file: PartialFile) throws(Refusal) {
        do throws(FileError) { try file.write(line + [UInt8(ascii: "\n")]) } catch {
            throw Refusal(
                .storageUnavailable, at: .store,
                LocalizedText(error.description, "\(error.path): \(error.localizedReason.indonesian)"))
        }
    }
}
