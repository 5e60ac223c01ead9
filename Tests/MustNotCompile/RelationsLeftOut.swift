@testable import SimpulBroker

func relationsLeftOut(
    _ submission: Submission, _ verification: SignatureVerification, _ inflation: Inflation,
    _ validation: SchemaValidation, _ authorization: Authorization
) throws -> AuthorizedMessage {
    let verified = try verification.verify(submission)
    let inflated = try inflation.inflate(verified)
    let message = try validation.validate(inflated)
    return try authorization.authorize(message)
}
