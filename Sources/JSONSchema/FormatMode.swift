/// What `format` does (draft 2020-12 validation §7.2). Whatever is chosen, a metaschema that declares the
/// format-assertion vocabulary makes formats assertions, and unknown ones a ``SchemaError`` (§7.2.3).
public enum FormatMode: Sendable, CaseIterable {
    /// Nothing.
    case annotation
    /// A string that is not of the format is invalid; an unknown format is a ``SchemaError``. For whoever writes the
    /// schema too: a misspelt format is found.
    case assertion
    /// A string that is not of the format is invalid; an unknown format does nothing. For schemas of others, which may
    /// use formats of their own.
    case assertionWhereKnown
}
