/// How sensitive a value is, from public to what puts a person in danger. Every field of every schema has one
/// (`x-privacy`), a message carries the highest of its body.
public enum PrivacyClass: Int, Hashable, Sendable, CaseIterable {
    /// Public or aggregate.
    case p0
    /// Operational, no person.
    case p1
    /// Personal, general.
    case p2
    /// Personal, specific: health, biometry, crime record, child data, suspects.
    case p3
    /// Identity or location of a victim, witness or reporter, and keys to them.
    case p4

    /// Parses `P0` … `P4`.
    public init?(_ text: String) {
        guard let match = Self.allCases.first(where: { $0.code == text }) else { return nil }
        self = match
    }

    /// `P0` … `P4`.
    public var code: String { "P\(rawValue)" }

    /// Whether a body of this class may only travel sealed.
    public var mustBeSealed: Bool { self >= .p3 }
}

extension PrivacyClass: Comparable {
    /// The less sensitive comes first.
    public static func < (one: PrivacyClass, other: PrivacyClass) -> Bool { one.rawValue < other.rawValue }
}
