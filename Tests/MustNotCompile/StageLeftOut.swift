@testable import SimpulBroker

func signatureVerificationLeftOut(
    _ submission: Submission, _ inflation: Inflation, _ validation: SchemaValidation, _ relations: RelationCheck,
    _ consents: ConsentCheck, _ authorization: Authorization
) async throws -> AuthorizedMessage {
    let inflated = try inflation.inflate(submission)
    let message = try validation.validate(inflated)
    let related = try await relations.relate(message)
    let consented = try await consents.consent(related)
    return try authorization.authorize(consented)
}
