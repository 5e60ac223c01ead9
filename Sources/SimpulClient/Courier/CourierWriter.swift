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
        /// Attachments.
        public var attachments = 0
        /// Messages whose files in the spool are damaged: they were left there.
        public var damaged: [MessageID] = []
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
        var bundle = Bundle(
            file: file, exported: Exported(head: head),
            writer: BundleWriter(head: head, identity: identity, sealedTo: certificates, limits: limits),
            partBytes: limits.bundlePartBytes)
        for id in try spool.waiting() {
            guard let envelope = try spool.waiting(id) else { continue }
            try bundle.add(envelope, with: spool.enclosed(with: envelope))
        }
        for (key, receipt) in try returns.receipts(at: now) { try bundle.add(.receipt(of: key, receipt), \.receipts) }
        for confirmation in returns.confirmations {
            try bundle.add(.confirmation(mark: confirmation.mark, digest: confirmation.digest), \.confirmations)
        }
        return try bundle.finish()
    }
}

/// A bundle that is being written.
private struct Bundle {
    let file: PartialFile
    var exported: CourierWriter.Exported
    var writer: BundleWriter
    let partBytes: Int
    private var held = HeldMessages()

    init(file: PartialFile, exported: CourierWriter.Exported, writer: BundleWriter, partBytes: Int) {
        (self.file, self.exported, self.writer, self.partBytes) = (file, exported, writer, partBytes)
    }

    /// Adds a message behind its files; or nothing of it, where the bundle has no room for all, where a file is damaged,
    /// or where what it builds on was left.
    mutating func add(
        _ envelope: SpooledEnvelope, with enclosed: [(attachment: ListedAttachment, path: String)]
    ) throws(ClientError) {
        let mustWait = envelope.statedHeader.map(held.concern) ?? false
        guard !mustWait, writer.hasRoom(for: enclosed.map(\.attachment)) else {
            exported.isCut = true
            return held.hold(envelope.id)
        }
        var files: [(attachment: ListedAttachment, file: AttachmentFile)] = []
        do throws(FileError) {
            for (attachment, path) in enclosed {
                let file = try AttachmentFile(reading: path)
                guard try file.length == attachment.bytes, try file.digest() == attachment.digest else {
                    exported.damaged.append(envelope.id)
                    return held.hold(envelope.id)
                }
                files.append((attachment, file))
            }
        } catch {
            throw ClientError(error)
        }
        for (attachment, file) in files { try add(attachment, file) }
        try add(.envelope(envelope.bytes), \.envelopes)
    }

    private mutating func add(_ attachment: ListedAttachment, _ file: AttachmentFile) throws(ClientError) {
        var offset = 0
        while offset < attachment.bytes {
            let octets: [UInt8]
            do throws(FileError) { octets = try file.read(whole: partBytes, from: offset) } catch {
                throw ClientError(error)
            }
            try append(.attachmentPart(attachment, offset: offset, octets: octets))
            offset += octets.count
        }
        exported.attachments += 1
    }

    mutating func add(
        _ item: BundleItem, _ count: WritableKeyPath<CourierWriter.Exported, Int>
    ) throws(ClientError) {
        guard !writer.isFull else { return exported.isCut = true }
        try append(item)
        exported[keyPath: count] += 1
    }

    private mutating func append(_ item: BundleItem) throws(ClientError) {
        do throws(Refusal) {
            if let line = try writer.add(item) { try Self.append(line, to: file) }
        } catch {
            throw ClientError(error)
        }
    }

    /// Writes the end, and puts the file in its place.
    mutating func finish() throws(ClientError) -> CourierWriter.Exported {
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
