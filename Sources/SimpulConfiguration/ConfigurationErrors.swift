internal import StrictYAML

/// Why a configuration is refused: every fault of every file at once. The texts name files, places and keys; they never
/// hold a value of a secret file.
public struct ConfigurationErrors: Error, Equatable, Sendable, CustomStringConvertible {
    /// One line a fault: `file:line:column: what is wrong`, those of one file together and in order.
    public var texts: [String]

    /// The texts, one a line.
    public var description: String { texts.joined(separator: "\n") }

    init(_ faults: YAMLFaults) { texts = faults.sorted.map(\.description) }
}
