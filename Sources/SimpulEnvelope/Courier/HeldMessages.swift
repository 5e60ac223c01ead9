public import SimpulCore

/// Messages of one agency that a bundle does not take along, or that its importer leaves where they are: what builds on
/// one of them waits with it. Alone it would be refused for good, because what it answers, replaces or goes on with is not
/// there yet.
public struct HeldMessages: Sendable {
    private var ids: Set<MessageID> = []

    /// Nothing is held.
    public init() {}

    /// Whether nothing is held.
    public var isEmpty: Bool { ids.isEmpty }

    /// Holds a message.
    public mutating func hold(_ id: MessageID) { ids.insert(id) }

    /// Whether a message builds on one that is held.
    public func concern(_ header: Header) -> Bool {
        guard !ids.isEmpty else { return false }
        return ([header.thread, header.inReplyTo].compactMap(\.self) + header.supersedes).contains(where: ids.contains)
    }
}
