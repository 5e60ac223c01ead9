/// Why an attempt to push a delivery did not settle it. The code stands in logs, in the status and in metrics.
public enum PushFailure: String, Error, Sendable, CaseIterable {
    /// The host's name could not be resolved, now or before.
    case nameUnresolved = "name-unresolved"
    /// The name leads only to addresses that the roster entry does not allow.
    case addressRefused = "address-refused"
    /// No connection could be made.
    case connectFailed = "connect-failed"
    /// TLS did not come about: another version, no TLS at all, or the receiver refused our certificate.
    case handshakeFailed = "handshake-failed"
    /// The receiver's certificate is not to be trusted.
    case certificateRefused = "certificate-refused"
    /// The receiver's certificate names another host.
    case nameMismatch = "name-mismatch"
    /// The attempt was not over in time.
    case timeout = "timeout"
    /// The connection ended before the answer did.
    case connectionLost = "connection-lost"
    /// What came is no HTTP answer.
    case answerMalformed = "answer-malformed"
    /// The answer has more octets than one may have.
    case answerTooLarge = "answer-too-large"
    /// The answer leads somewhere else. Redirects are never followed.
    case redirected = "redirected"
    /// Another status than 200.
    case status = "status"
    /// A status that is about this message rather than about the receiver: 400, 409, 413, 415, 422.
    case deliveryRefused = "delivery-refused"
    /// 200 with neither `Simpul-Ack` nor a receipt: a page of somebody in between, for example.
    case ackMissing = "ack-missing"
    /// `Simpul-Ack` names another digest than that of the envelope.
    case ackMismatch = "ack-mismatch"
    /// The receipt in the answer was refused.
    case receiptRefused = "receipt-refused"

    /// Whether it says something about this one delivery, and nothing about the next.
    public var isAboutDelivery: Bool { self == .deliveryRefused || self == .receiptRefused }
}

/// A failed attempt: the code, and one coded word more where there is one.
public struct PushTrouble: Error, Sendable, Hashable {
    /// What went wrong.
    public var failure: PushFailure
    /// The status, or the code of ``ChainRefusal`` or of a refusal; never anything that the receiver wrote.
    public var detail: String?
    /// How many seconds the receiver asked to be left alone.
    public var retryAfter: Int?

    /// A failed attempt.
    public init(_ failure: PushFailure, detail: String? = nil, retryAfter: Int? = nil) {
        self.failure = failure
        self.detail = detail
        self.retryAfter = retryAfter
    }
}
