public import SimpulBroker
public import SimpulCore

extension MemoryState {
    /// An attachment and the messages that list it.
    struct Attachment {
        var stored: StoredAttachment
        var at: Timestamp
        var messages: [MessageKey: Timestamp] = [:]
    }

    func missingAttachments(of header: Header) -> [Int] {
        header.attachments.indices.filter { place in
            let listed = header.attachments[place]
            let stored = attachments[AttachmentKey(agency: header.sender, digest: listed.digest)]?.stored
            return stored?.isWhole != true || stored?.bytes != listed.bytes
        }
    }

    mutating func attach(_ header: Header) {
        for listed in header.attachments {
            attachments[AttachmentKey(agency: header.sender, digest: listed.digest)]?.messages[header.key] =
                header.expires
        }
    }

    mutating func freeAttachments(of key: MessageKey) {
        guard messages[key]?.deliveries.allSatisfy(\.wasRecalled) == true else { return }
        freeAttachments(listedBy: key)
    }

    mutating func freeAttachments(listedBy key: MessageKey) {
        for attachment in attachments.keys { detach(key, from: attachment) }
    }

    private mutating func detach(_ message: MessageKey, from attachment: AttachmentKey) {
        guard attachments[attachment]?.messages.removeValue(forKey: message) != nil else { return }
        if attachments[attachment]?.messages.isEmpty == true { attachments[attachment]?.at = .init(milliseconds: 0) }
    }

    fileprivate mutating func begin(
        _ key: AttachmentKey, _ part: UploadPart, name: AttachmentName, at now: Timestamp,
        within bounds: AttachmentBounds
    ) -> UploadStart {
        let own = attachments.values.filter { $0.stored.key.agency == key.agency }
        let room = bounds.bytes - own.reduce(0) { $0 + $1.stored.bytes }
        guard var attachment = attachments[key] else {
            guard part.first == 0 else { return .absent }
            guard own.count(where: { $0.messages.isEmpty }) < bounds.unlisted else { return .tooMany }
            guard room >= part.total else { return .tooMuch }
            let stored = StoredAttachment(key: key, bytes: part.total, name: name, isWhole: false)
            attachments[key] = Attachment(stored: stored, at: now)
            return .open(stored, instead: nil)
        }
        let stored = attachment.stored
        guard stored.isWhole || part.first == 0 || stored.bytes == part.total else { return .otherLength(stored.bytes) }
        if !stored.isWhole, room + stored.bytes < part.total { return .tooMuch }
        attachment.at = now
        let isNew = !stored.isWhole && part.first == 0
        if !stored.isWhole { attachment.stored.bytes = part.total }
        if isNew { attachment.stored.name = name }
        attachments[key] = attachment
        return stored.isWhole
            ? .present(stored) : .open(attachment.stored, instead: isNew ? stored.name : nil)
    }

    fileprivate mutating func complete(_ attachment: StoredAttachment, at now: Timestamp) -> Bool {
        guard attachments[attachment.key]?.stored == attachment else { return false }
        attachments[attachment.key]?.stored.isWhole = true
        attachments[attachment.key]?.at = now
        return true
    }

    fileprivate func find(_ digest: Digest, readableBy agency: AgencyID, at now: Timestamp) -> StoredAttachment? {
        if let own = attachments[AttachmentKey(agency: agency, digest: digest)]?.stored, own.isWhole { return own }
        return attachments.values.first { attachment in
            attachment.stored.key.digest == digest && attachment.stored.isWhole
                && attachment.messages.contains { key, until in
                    until > now
                        && messages[key]?.deliveries.contains { $0.agency == agency && !$0.wasRecalled } == true
                }
        }?.stored
    }

    fileprivate mutating func collect(
        at now: Timestamp, unlistedSince moment: Timestamp, sparing names: Set<AttachmentName>, atMost count: Int
    ) -> [AttachmentName] {
        for attachment in attachments.values {
            for (message, until) in attachment.messages where until <= now {
                detach(message, from: attachment.stored.key)
            }
        }
        let unneeded = attachments.values.filter {
            $0.messages.isEmpty && $0.at <= moment && !names.contains($0.stored.name)
        }.prefix(count)
        for attachment in unneeded { attachments[attachment.stored.key] = nil }
        return unneeded.map(\.stored.name)
    }
}

extension MemoryStore {
    /// Which of the attachments that a header lists its sender has not uploaded.
    public func missingAttachments(of header: Header) async throws(StoreError) -> [Int] {
        state.withLockedValue { $0.missingAttachments(of: header) }
    }

    /// Begins an upload, or goes on with it.
    public func begin(
        _ key: AttachmentKey, _ part: UploadPart, name: AttachmentName, at now: Timestamp,
        within bounds: AttachmentBounds
    ) async throws(StoreError) -> UploadStart {
        try write { state throws(StoreError) in state.begin(key, part, name: name, at: now, within: bounds) }
    }

    /// Says that an upload is whole.
    public func complete(_ attachment: StoredAttachment, at now: Timestamp) async throws(StoreError) -> Bool {
        try write { state throws(StoreError) in state.complete(attachment, at: now) }
    }

    /// Forgets an upload that is not whole.
    public func drop(_ attachment: StoredAttachment) async throws(StoreError) -> Bool {
        try write { state throws(StoreError) in
            guard let stored = state.attachments[attachment.key]?.stored, stored.name == attachment.name,
                !stored.isWhole
            else { return false }
            state.attachments[attachment.key] = nil
            return true
        }
    }

    /// What an agency itself has uploaded, whole or not.
    public func attachment(_ key: AttachmentKey) async throws(StoreError) -> StoredAttachment? {
        state.withLockedValue { $0.attachments[key]?.stored }
    }

    /// A whole attachment that an agency may read.
    public func attachment(
        _ digest: Digest, readableBy agency: AgencyID, at now: Timestamp
    ) async throws(StoreError) -> StoredAttachment? {
        state.withLockedValue { $0.find(digest, readableBy: agency, at: now) }
    }

    /// Lets go of what nothing refers to.
    public func collect(
        at now: Timestamp, unlistedSince moment: Timestamp, sparing names: Set<AttachmentName>, atMost count: Int
    ) async throws(StoreError) -> [AttachmentName] {
        try write { state throws(StoreError) in
            state.collect(at: now, unlistedSince: moment, sparing: names, atMost: count)
        }
    }

    /// Those of some names that an attachment or an upload has.
    public func known(_ names: [AttachmentName]) async throws(StoreError) -> Set<AttachmentName> {
        state.withLockedValue { state in Set(names).intersection(state.attachments.values.map(\.stored.name)) }
    }
}
