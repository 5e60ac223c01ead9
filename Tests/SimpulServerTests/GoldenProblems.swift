import SimpulCore

/// What each code looks like on the wire, so that a change of it is seen.
enum GoldenProblems {
    static let english: [ErrorCode: String] = [
        .notJOSE: document("not-jose", "The request is no compact JWS", 400, temporary: false),
        .parameterRefused: document("parameter-refused", "A parameter is refused", 400, temporary: false),
        .algorithmRefused: document("algorithm-refused", "The algorithm is refused", 400, temporary: false),
        .inflateFailed: document("inflate-failed", "The payload does not inflate", 400, temporary: false),
        .jsonInvalid: document("json-invalid", "The document is not strict JSON", 400, temporary: false),
        .agencyInactive: document("agency-inactive", "No active agency", 401, temporary: false),
        .signerUnknown: document("signer-unknown", "The signer is not known", 403, temporary: false),
        .signatureInvalid: document("signature-invalid", "The signature does not verify", 403, temporary: false),
        .senderMismatch: document("sender-mismatch", "The sender is somebody else", 403, temporary: false),
        .policyDenied: document("policy-denied", "No rule allows this message", 403, temporary: false),
        .deliveryState: document(
            "delivery-state", "The delivery does not stand where this can be done", 409, temporary: false),
        .roleDenied: document("role-denied", "Your role may not do this", 403, temporary: false),
        .notFound: document("not-found", "Not found", 404, temporary: false),
        .methodNotAllowed: document("method-not-allowed", "The method is not allowed here", 405, temporary: false),
        .idConflict: document("id-conflict", "The id is taken by another content", 409, temporary: false),
        .leaseExpired: document("lease-expired", "The lease is over", 409, temporary: false),
        .tooLarge: document("too-large", "Too large", 413, temporary: false),
        .mediaType: document("media-type", "The media type is not accepted", 415, temporary: false),
        .schemaUnknown: document("schema-unknown", "The schema is not known", 422, temporary: false),
        .schemaInvalid: document("schema-invalid", "The message breaks its schema", 422, temporary: false),
        .timeInvalid: document("time-invalid", "A time is out of bounds", 422, temporary: false),
        .wrongHub: document("wrong-hub", "The message is for another broker", 422, temporary: false),
        .recipientUnknown: document("recipient-unknown", "A recipient is not known", 422, temporary: false),
        .mustBeSealed: document("must-be-sealed", "The body must be sealed", 422, temporary: false),
        .sealRecipients: document("seal-recipients", "Sealed for the wrong parties", 422, temporary: false),
        .attachmentMissing: document("attachment-missing", "An attachment is missing", 422, temporary: false),
        .digestMismatch: document("digest-mismatch", "The octets have another digest", 422, temporary: false),
        .offsetMismatch: document("offset-mismatch", "The upload does not go on there", 409, temporary: false),
        .rangeUnsatisfiable: document("range-unsatisfiable", "There are no such octets", 416, temporary: false),
        .lifecycle: document("lifecycle", "The message does not fit what came before it", 422, temporary: false),
        .consent: document("consent", "No consent covers this message", 422, temporary: false),
        .rule: document("rule", "The message breaks a rule of protection", 422, temporary: false),
        .bundleInvalid: document("bundle-invalid", "This is no bundle", 400, temporary: false),
        .bundleIncomplete: document(
            "bundle-incomplete", "The bundle is not whole, or not in order", 400, temporary: false),
        .bundleForeign: document("bundle-foreign", "The bundle is for somebody else", 422, temporary: false),
        .bundleSeal: document("bundle-seal", "The bundle cannot be opened", 422, temporary: false),
        .courierKey: document("courier-key", "There is no courier key", 422, temporary: false),
        .quota: document("quota", "Too much at once", 429, temporary: true, more: #","retryAfter":1"#),
        .draining: document("draining", "The broker is stopping", 503, temporary: true),
        .storageUnavailable: document("storage-unavailable", "The store cannot write", 503, temporary: true),
        .internalError: document("internal-error", "Internal error", 500, temporary: true),
    ]

    private static func document(
        _ code: String, _ title: String, _ status: Int, temporary: Bool, more: String = ""
    ) -> String {
        #"{"type":"urn:simpul:error:\#(code)","title":"\#(title)","status":\#(status),"detail":"Do this.","#
            + #""code":"\#(code)","stage":"validate","temporary":\#(temporary),"trace":"00ff"\#(more)}"#
    }
}
