internal import Hummingbird
internal import SimpulCore

/// One call of the API, as the router and `schemas/openapi.json` know it; a test compares the two both ways.
struct Endpoint: Sendable {
    /// The names of its query parameters.
    var parameters: [String] = []
    /// Every code that it may be refused with.
    var codes: Set<ErrorCode>
    /// Answers it.
    let handle: @Sendable (Call) async throws -> Response
}

extension Set<ErrorCode> {
    /// What any call may be refused with, whatever it is.
    static let any: Self = [.agencyInactive, .parameterRefused, .quota, .internalError]
    /// A call that reads the store.
    static let reading: Self = any.union([.storageUnavailable])
    /// A call about something that may not be there.
    static let finding: Self = reading.union([.notFound])
    /// What may be wrong with a recipient's own receipt.
    private static let receipt: Self = [
        .notJOSE, .algorithmRefused, .signerUnknown, .signatureInvalid, .schemaInvalid, .senderMismatch, .mediaType,
        .tooLarge,
    ]
    /// A receipt about a message.
    static let ofReceipts: Self = finding.union(receipt)
    /// A lease is settled.
    static let acknowledging: Self = ofReceipts.union([.leaseExpired])
    /// A lease ends or goes on, as a small JSON document says.
    static let ofLeases: Self = finding.union([
        .leaseExpired, .jsonInvalid, .schemaInvalid, .mediaType, .tooLarge,
    ])
    /// Octets of an attachment come.
    static let uploading: Self = reading.union([.digestMismatch, .offsetMismatch, .tooLarge, .mediaType, .draining])
    /// Octets of an attachment are asked for.
    static let downloading: Self = finding.union([.rangeUnsatisfiable])
    /// An envelope.
    static let envelope: Self = reading.union([
        .notJOSE, .algorithmRefused, .inflateFailed, .jsonInvalid, .signerUnknown, .signatureInvalid, .senderMismatch,
        .policyDenied, .idConflict, .tooLarge, .mediaType, .schemaUnknown, .schemaInvalid, .timeInvalid, .wrongHub,
        .recipientUnknown, .mustBeSealed, .sealRecipients, .attachmentMissing, .lifecycle, .consent, .rule,
        .draining,
    ])
}
