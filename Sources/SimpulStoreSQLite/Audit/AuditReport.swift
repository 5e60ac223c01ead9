/// What an audit of a store has looked at, and what it found.
public struct AuditReport: Sendable, Equatable {
    /// One thing that is not as it was written.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// The kinds of trouble.
        public enum Kind: String, Sendable, CaseIterable {
            /// A value is another one than was written.
            case edited
            /// A row is missing.
            case dropped
            /// A row stands where another one stood.
            case swapped
            /// Rows are missing at the end.
            case truncated
            /// A row is there that nothing accounts for.
            case added
            /// A signature does not verify, or is not the broker's.
            case forged
        }

        /// The table; `file` for the file as a whole.
        public var table: String
        /// The row: a leaf's number, or sender and id; a part of the file; `-` for the rest of a table.
        public var key: String
        /// What kind of trouble it is.
        public var kind: Kind
        /// What differs, without any value of a message.
        public var detail: String

        /// The finding as one line.
        public var description: String { "\(table) \(key): \(kind.rawValue): \(detail)" }
    }

    /// How many findings a report lists at the most; each costs about 200 octets.
    public static let findingsListed = 1000

    /// Leaves read.
    public internal(set) var leaves: UInt64 = 0
    /// Messages read.
    public internal(set) var messages = 0
    /// Deliveries read.
    public internal(set) var deliveries = 0
    /// The root hash of the leaves read, in hexadecimal.
    public internal(set) var root = ""
    /// Whether the checkpoint's signature was verified: a key was given.
    public internal(set) var checkpointVerified = false
    /// What was found, the first ``findingsListed`` of it.
    public internal(set) var findings: [Finding] = []
    /// How many findings are not listed.
    public internal(set) var unlisted = 0

    /// Whether everything is as it was written.
    public var isClean: Bool { findings.isEmpty }

    mutating func add(_ table: String, _ key: String, _ kind: Finding.Kind, _ detail: String) {
        guard findings.count < Self.findingsListed else { return unlisted += 1 }
        findings.append(Finding(table: table, key: key, kind: kind, detail: detail))
    }
}
