@testable import SimpulBroker

func relationsLeftOut(
    _ submission: Submission, _ verification: SignatureVerification, _ inflation: Inflation,
    _ validation: SchemaValidation, _ consents: ConsentCheck, _ authorization: Authorization
) async throws -> AuthorizedMessage {
    let verified = try verification.verify(submission)
    let inflated = try inflation.inflate(verified)
    let message = try validation.validate(inflated)
    let consented = try await consents.consent(message)
    return try authorization.authorize(consented)
}
