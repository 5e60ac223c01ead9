public import JOSE

/// The right to write one file; the next one that is given out for it ends this one.
public struct AttachmentWriter: Hashable, Sendable {
    /// The file.
    public let name: AttachmentName
    /// Which of its writers this is.
    public let turn: Int

    /// A right.
    public init(name: AttachmentName, turn: Int) {
        self.name = name
        self.turn = turn
    }
}

/// Where the octets of attachments are.
///
/// What every implementation guarantees:
/// * Calls may come from any number of tasks at once. None of them holds more than the octets that it is given.
/// * A full disk is ``StoreError/Code/unavailable``, and leaves what was there as it was.
/// * What ``seal(_:)`` has returned for is on disk, under its name, until it is removed.
public protocol AttachmentFiles: Sendable {
    /// Octets of a file; 0 where there is none.
    func length(of name: AttachmentName) async throws(StoreError) -> Int

    /// Gives the right to write on at an offset, which must be the file's length; at 0 the file begins anew.
    /// - Parameter more: octets that will come.
    /// - Returns: nil where the file has another length.
    func open(_ name: AttachmentName, at offset: Int, expecting more: Int) async throws(StoreError) -> AttachmentWriter?

    /// Writes on.
    /// - Returns: false where somebody else has the right by now; nothing was written.
    func append(_ octets: [UInt8], to writer: AttachmentWriter) async throws(StoreError) -> Bool

    /// Puts the file and its name on disk.
    /// - Returns: the length and the digest of all that was written, or nil where somebody else has the right by now.
    func seal(_ writer: AttachmentWriter) async throws(StoreError) -> (length: Int, digest: SHA256Digest)?

    /// Octets from an offset on, as many as were asked for or as there are.
    /// - Throws: ``StoreError/Code/corrupt`` where there is no such file.
    func read(_ name: AttachmentName, from offset: Int, atMost count: Int) async throws(StoreError) -> [UInt8]

    /// Removes files; one that is not there is passed over.
    func remove(_ names: [AttachmentName]) async throws(StoreError)

    /// The names of all files, some at a time.
    /// - Parameter visit: told each name once, at most `count` at a time.
    func each(atMost count: Int, _ visit: @Sendable ([AttachmentName]) async throws -> Void) async throws
}
