public import StrictJSON

/// Why a schema is refused, and where. Schemas are not secret: the text may repeat what they say.
public struct SchemaError: Error, Hashable, Sendable {
    /// The kind of fault; the raw values are stable.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// A document's URI is relative or has a fragment, `$id` is no URI reference without fragment, or a keyword
        /// that refers is no URI or URI reference.
        case invalidURI = "invalid-uri"
        /// Two documents, resources or anchors have the same URI.
        case duplicateURI = "duplicate-uri"
        /// A reference, or the URI that was to be compiled, leads nowhere.
        case unresolvedReference = "unresolved-reference"
        /// References lead back to themselves without a step into the instance.
        case endlessReference = "endless-reference"
        /// A schema is neither an object nor a boolean, or a keyword has a value it may not have.
        case invalidKeyword = "invalid-keyword"
        /// A pattern is not one of ECMA-262, or needs backreferences, lookbehind or scripts, which are not supported.
        case invalidPattern = "invalid-pattern"
        /// A format that cannot be asserted.
        case unknownFormat = "unknown-format"
        /// `$schema` names an unknown metaschema, or one that requires an unknown vocabulary.
        case unknownVocabulary = "unknown-vocabulary"
    }

    /// What is wrong.
    public var code: Code
    /// URI of the document, as it was added.
    public var document: String
    /// The place in the document.
    public var pointer: JSONPointer
    /// English text.
    public var detail: String
}

extension SchemaError: CustomStringConvertible {
    /// `document#pointer: code: detail`.
    public var description: String { "\(document)#\(pointer): \(code.rawValue): \(detail)" }
}
