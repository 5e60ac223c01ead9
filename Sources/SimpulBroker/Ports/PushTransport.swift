public import JOSE
public import SimpulCore

/// What carries one delivery to an agency's own endpoint.
///
/// What every implementation guarantees:
/// * A call returns within its own bound, whatever the receiver does, and soon after the calling task is cancelled. It
///   holds no more of an answer than its bound.
/// * The receiver is who the endpoint's URL names: its certificate chains to an anchor of the request's trust, for TLS
///   servers, in date, on no revocation list, and names the URL's host.
/// * The address that is connected to was judged by ``PushEndpoint/mayConnect(to:)``. No redirect is followed.
/// * Calls may come from any number of tasks at once; one never waits for another of another agency.
public protocol PushTransport: Sendable {
    /// Posts one envelope, once.
    func post(_ push: PushRequest) async -> PushOutcome
}

/// One envelope on its way to an endpoint.
public struct PushRequest: Sendable {
    /// The agency that it is for.
    public var agency: AgencyID
    /// Where it goes.
    public var endpoint: PushEndpoint
    /// The token of the delivery's lease.
    public var token: DeliveryToken
    /// The envelope as it was submitted.
    public var envelope: [UInt8]
    /// What the receiver's certificate must chain to.
    public var trust: TrustStore

    /// A request.
    public init(
        agency: AgencyID, endpoint: PushEndpoint, token: DeliveryToken, envelope: [UInt8], trust: TrustStore
    ) {
        self.agency = agency
        self.endpoint = endpoint
        self.token = token
        self.envelope = envelope
        self.trust = trust
    }
}

/// What came of posting an envelope.
public enum PushOutcome: Sendable, Equatable {
    /// An answer. What it means is ``PushVerdict``'s to say.
    case answered(PushAnswer)
    /// None.
    case failed(PushTrouble)
    /// The task was cancelled.
    case cancelled
}

/// An answer, as far as anything depends on it.
public struct PushAnswer: Sendable, Equatable {
    /// The status.
    public var status: Int
    /// Each value of `Simpul-Ack`.
    public var acknowledgements: [String]
    /// The value of `Content-Type`.
    public var mediaType: String?
    /// The first value of `Retry-After`.
    public var retryAfter: String?
    /// The body; empty unless the status is 200.
    public var body: [UInt8]

    /// An answer.
    public init(
        status: Int, acknowledgements: [String] = [], mediaType: String? = nil, retryAfter: String? = nil,
        body: [UInt8] = []
    ) {
        self.status = status
        self.acknowledgements = acknowledgements
        self.mediaType = mediaType
        self.retryAfter = retryAfter
        self.body = body
    }
}
