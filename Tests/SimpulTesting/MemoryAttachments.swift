public import JOSE
internal import NIOConcurrencyHelpers
public import SimpulBroker

/// The octets of attachments in memory, for tests that are not about disks.
public final class MemoryAttachments: AttachmentFiles {
    private struct State {
        var files: [AttachmentName: [UInt8]] = [:]
        var turns: [AttachmentName: Int] = [:]
        var failure: StoreError?
    }

    private let state = NIOLockedValueBox(State())

    /// No files.
    public init() {}

    /// The names of all files.
    public var names: Set<AttachmentName> { state.withLockedValue { Set($0.files.keys) } }

    /// Makes every write fail from now on, as a full disk does; nil makes them work again.
    public func failWrites(with error: StoreError?) { state.withLockedValue { $0.failure = error } }

    /// Octets of a file; 0 where there is none.
    public func length(of name: AttachmentName) async throws(StoreError) -> Int {
        state.withLockedValue { $0.files[name]?.count ?? 0 }
    }

    /// Gives the right to write on.
    public func open(
        _ name: AttachmentName, at offset: Int, expecting more: Int
    ) async throws(StoreError) -> AttachmentWriter? {
        try write { state in
            if offset == 0 { state.files[name] = [] }
            let turn = state.turns[name, default: 0] + 1
            state.turns[name] = turn
            guard (state.files[name]?.count ?? 0) == offset else { return nil }
            return AttachmentWriter(name: name, turn: turn)
        }
    }

    /// Writes on.
    public func append(_ octets: [UInt8], to writer: AttachmentWriter) async throws(StoreError) -> Bool {
        try write { state in
            guard state.turns[writer.name] == writer.turn else { return false }
            state.files[writer.name, default: []] += octets
            return true
        }
    }

    /// Says the length and the digest.
    public func seal(_ writer: AttachmentWriter) async throws(StoreError) -> (length: Int, digest: SHA256Digest)? {
        try write { state in
            guard state.turns[writer.name] == writer.turn, let file = state.files[writer.name] else { return nil }
            return (file.count, SHA256.hash(file))
        }
    }

    /// Octets from an offset on.
    public func read(
        _ name: AttachmentName, from offset: Int, atMost count: Int
    ) async throws(StoreError) -> [UInt8] {
        guard let file = state.withLockedValue({ $0.files[name] }) else { throw StoreError(.corrupt, "no file") }
        return Array(file.dropFirst(offset).prefix(count))
    }

    /// Removes files.
    public func remove(_ names: [AttachmentName]) async throws(StoreError) {
        try write { state in
            for name in names { (state.files[name], state.turns[name]) = (nil, nil) }
        }
    }

    /// The names of all files, some at a time.
    public func each(atMost count: Int, _ visit: @Sendable ([AttachmentName]) async throws -> Void) async throws {
        let names = Array(self.names)
        for start in stride(from: 0, to: names.count, by: count) {
            try await visit(Array(names[start..<min(start + count, names.count)]))
        }
    }

    private func write<Value>(_ body: (inout State) -> Value) throws(StoreError) -> Value {
        let result = state.withLockedValue { state -> Result<Value, StoreError> in
            if let failure = state.failure { return .failure(failure) }
            return .success(body(&state))
        }
        return try result.get()
    }
}
