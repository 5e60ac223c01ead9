/// One part of the libraries with what must hold for every input it is given. The fuzzer looks for an input that breaks
/// it; the regression tests run every seed through it.
public struct FuzzTarget: Sendable {
    /// The name on the command line, and of the folder of seeds.
    public let name: String
    /// Uses the part with this input. Ends the program where the part traps, which is a finding too.
    /// - Throws: ``BrokenInvariant`` for the first statement that does not hold.
    public let check: @Sendable ([UInt8]) throws(BrokenInvariant) -> Void

    /// Every target, in the order in which they are run.
    public static let all: [FuzzTarget] = [json, pointer, schema, regex, format, inflate, jws, jwe, jwk, der, pem]

    /// The target of that name, or nil.
    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    /// Stands between the two parts of an input that has two. The control character can stand in no JSON text, so every
    /// pair of texts is an input (RFC 7464 §2.1 uses it for the same reason).
    static let separator: UInt8 = 0x1E

    /// The parts of an input before and behind its first separator; without one the second is empty.
    static func parts(of input: [UInt8]) -> (first: [UInt8], second: [UInt8]) {
        guard let end = input.firstIndex(of: separator) else { return (input, []) }
        return (Array(input[..<end]), Array(input[(end + 1)...]))
    }
}

/// A statement about the libraries that an input has disproved. It holds nothing of the input.
public struct BrokenInvariant: Error, Hashable, Sendable, CustomStringConvertible {
    /// What should have held.
    public let description: String
}

/// - Throws: ``BrokenInvariant`` unless the condition is met.
func hold(_ condition: Bool, _ statement: String) throws(BrokenInvariant) {
    guard condition else { throw BrokenInvariant(description: statement) }
}
