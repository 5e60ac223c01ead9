/// What `format` does (draft 2020-12 validation §7.2).
public enum FormatMode: Sendable {
    /// Nothing, except under a metaschema that requires the format-assertion vocabulary.
    case annotation
    /// A string that is not of the format is invalid; an unknown format is a ``SchemaError``.
    case assertion
}
