@testable import SimpulBroker

func signatureVerificationLeftOut(
    _ submission: Submission, _ inflation: Inflation, _ validation: SchemaValidation, _ authorization: Authorization
) throws -> AuthorizedMessage {
    let inflated = try inflation.inflate(submission)
    let message = try validation.validate(inflated)
    return try authorization.authorize(message)
}
