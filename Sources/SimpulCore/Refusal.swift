/// Why something was not done: one code, a text for the caller that holds no value of the message, and an exact one for
/// the operator's log. Two refusals are equal when their codes and places are.
public struct Refusal: Error, Sendable {
    /// The code.
    public var code: ErrorCode
    /// Where on its way the submission was.
    public var stage: Stage
    /// What is wrong and what to do next, for the caller; never a value of the message.
    public var detail: LocalizedText
    /// What the operator may know besides: still no value of a body, and header fields only from the allow-list.
    public var diagnosis: String
    /// The faults of the document, where there are several.
    public var faults: [DocumentFault]
    /// The two digests of an ``ErrorCode/idConflict``.
    public var conflict: DigestConflict?
    /// Seconds after which the same call may pass; nil where waiting does not help, or nobody knows how long.
    public var retryAfter: Int?
    /// The refused message's id, where a verified document gave one. It is not used up.
    public var message: MessageID?

    /// A refusal.
    public init(
        _ code: ErrorCode, at stage: Stage, _ detail: LocalizedText, diagnosis: String = "",
        faults: [DocumentFault] = [], conflict: DigestConflict? = nil, retryAfter: Int? = nil, message: MessageID? = nil
    ) {
        self.code = code
        self.stage = stage
        self.detail = detail
        self.diagnosis = diagnosis
        self.faults = faults
        self.conflict = conflict
        self.retryAfter = retryAfter
        self.message = message
    }

    /// The same refusal, of the message with that id.
    public func of(_ message: MessageID?) -> Refusal {
        var refusal = self
        refusal.message = message
        return refusal
    }
}

extension Refusal: Equatable {
    /// Equality of code, stage and the places at fault.
    public static func == (one: Refusal, other: Refusal) -> Bool {
        one.code == other.code && one.stage == other.stage && one.faults.map(\.pointer) == other.faults.map(\.pointer)
    }
}

/// The stages of the path, in their order. The raw value stands in problem documents and in `refused` receipts.
public enum Stage: String, Hashable, Sendable, CaseIterable {
    case receive, authenticate, verify, inflate, validate, authorize, store, deliver
}

/// One fault of a document.
public struct DocumentFault: Hashable, Sendable {
    /// Where: an RFC 6901 pointer into the whole document (`/header/…`, `/body/…`).
    public var pointer: String
    /// The schema keyword, or the rule, that it breaks.
    public var keyword: String
    /// What is wrong, without any value of the message.
    public var detail: LocalizedText

    /// A fault.
    public init(pointer: String, keyword: String, detail: LocalizedText) {
        self.pointer = pointer
        self.keyword = keyword
        self.detail = detail
    }
}

/// Two contents under one id.
public struct DigestConflict: Hashable, Sendable {
    /// The digest that was accepted under the id.
    public var stored: Digest
    /// The digest of this submission.
    public var submitted: Digest

    /// A conflict.
    public init(stored: Digest, submitted: Digest) {
        self.stored = stored
        self.submitted = submitted
    }
}
