public import SimpulEnvelope

/// The file that lies beside the policy while a change is approved, as it was found; it is judged only where it counts.
public struct ChangeDocument: Hashable, Sendable {
    /// Where it is, or would be.
    public var path: String
    /// Its octets, or why there are none.
    public var content: Result<[UInt8], ChangeFault>

    /// A file that was looked for.
    public init(path: String, content: Result<[UInt8], ChangeFault>) {
        self.path = path
        self.content = content
    }

    /// Whether there is a file, good or bad.
    public var isThere: Bool { content != .failure(.missing) }

    /// The file, read.
    public func file() throws(ChangeFault) -> ChangeFile { try ChangeFile(parsing: content.get()) }
}
