internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// The whole way of a document from the sender's hands to the broker's receipt.
public struct Sender: Sendable {
    private let hub: any Hub
    private let composer: Composer
    private let identity: SigningIdentity
    private let known: KnownKeys
    private let spool: Spool
    private let cache: DirectoryCache
    private let submitter: Submitter
    private let clock: RetryClock
    private let limits: Limits

    /// A sender of those parts.
    public init(
        hub: any Hub, composer: Composer, identity: SigningIdentity, known: KnownKeys, spool: Spool,
        submitter: Submitter, clock: RetryClock, limits: Limits = Limits()
    ) {
        self.hub = hub
        self.composer = composer
        self.identity = identity
        self.known = known
        self.spool = spool
        cache = DirectoryCache(spoolFolder: spool.folder)
        self.submitter = submitter
        self.clock = clock
        self.limits = limits
    }

    /// Completes, checks, seals and signs a document, keeps the envelope in the spool, and submits it until that moment.
    /// The very document that was sent before is not made anew: its envelope is submitted again, and the broker answers
    /// with the first receipt.
    /// - Throws: ``ClientError``; nothing is in the spool unless its text says so.
    public func send(
        _ document: GivenDocument, until deadline: Timestamp
    ) async throws(ClientError) -> Submitter.Submitted {
        try await send(document, attaching: [], through: nil, until: deadline)
    }

    /// Does ``send(_:until:)`` with files: each is encrypted and kept in the spool before the envelope is, and uploaded
    /// before it is submitted. Where that is interrupted, the same call goes on, and so does whatever sends what the spool
    /// has.
    public func send(
        _ document: GivenDocument, attaching files: [AttachmentSource], through outbox: AttachmentOutbox?,
        until deadline: Timestamp
    ) async throws(ClientError) -> Submitter.Submitted {
        let source = document.text + files.flatMap { Array($0.digest.description.utf8) }
        if let id = document.id, let earlier = try spool.earlier(id, of: source) {
            return try await submitter.submit(earlier, until: deadline)
        }
        if document.id == nil, !files.isEmpty, let earlier = try spool.interrupted(source) {
            return try await submitter.submit(earlier, until: deadline)
        }
        var parcels: [AttachmentParcel] = []
        if let outbox { for file in files { parcels.append(try outbox.parcel(of: file)) } }
        let roles = cache.listing?.roles ?? [:]
        let draft = try composer.draft(document.attaching(parcels.map(\.secret))) { roles[$0] }
        let certificates = draft.mustBeSealed ? try await sealingCertificates(for: draft, until: deadline) : []
        let envelope = try draft.envelope(signedBy: identity, sealedTo: certificates, limits: limits)
        try spool.enclose(parcels, with: envelope.id)
        let kept = try spool.keep(envelope, of: source)
        spool.prune(at: clock.now())
        outbox?.forget(parcels)
        return try await submitter.submit(kept, until: deadline)
    }

    /// From the broker's directory; where the broker is out of reach, from the last one that it gave, so that the message
    /// is in the spool before anything else.
    private func sealingCertificates(
        for draft: Draft, until deadline: Timestamp
    ) async throws(ClientError) -> [Certificate] {
        if let fresh = await reachableDirectory() { return try certificates(for: draft, in: fresh) }
        if let kept = cache.listing, let certificates = try? certificates(for: draft, in: kept) { return certificates }
        let directory: DirectoryListing
        do {
            directory = try await clock.retrying(until: deadline) { _ throws(HubError) in try await hub.directory() }
        } catch {
            throw ClientError(error).nothingKept
        }
        cache.keep(directory)
        return try certificates(for: draft, in: directory)
    }

    /// One question, no repetition; nil where there is no answer.
    private func reachableDirectory() async -> DirectoryListing? {
        guard let directory = try? await hub.directory() else { return nil }
        cache.keep(directory)
        return directory
    }

    private func certificates(
        for draft: Draft, in directory: DirectoryListing
    ) throws(ClientError) -> [Certificate] {
        let now = clock.now()
        let trusted = known.extended(by: directory, at: now)
        var certificates: [Certificate] = []
        for party in draft.parties {
            certificates += try trusted.sealingCertificates(of: party, in: directory, at: now)
        }
        return certificates
    }
}

extension ClientError {
    fileprivate var nothingKept: ClientError {
        var error = self
        error.detail = LocalizedText(
            "\(detail.english)\nThe message was not sealed and is not in the spool; send it again.",
            "\(detail.indonesian)\nPesan belum disegel dan tidak ada di antrean kirim; kirim lagi.")
        return error
    }
}
