public import StrictJSON

/// One way in which an instance breaks a schema.
public struct SchemaViolation: Sendable, Hashable {
    /// The value that breaks the schema. For a member that is not allowed, and for a name that is not, that member;
    /// for a member that is missing, the object that lacks it.
    public var instanceLocation: JSONPointer
    /// The way from the schema's root to the keyword, through every reference (the evaluation path of draft 2020-12
    /// core §12.3.1).
    public var keywordLocation: JSONPointer
    /// The keyword. Where a boolean schema refuses, the keyword that applied it (empty for a root that is `false`).
    public var keyword: String
    /// English text that repeats no value of the instance; it may name what the schema says.
    public var detail: String
}

extension SchemaViolation: CustomStringConvertible {
    /// `instance location: keyword: detail`.
    public var description: String { "\(instanceLocation): \(keyword): \(detail)" }
}
