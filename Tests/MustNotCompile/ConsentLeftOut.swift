@testable import SimpulBroker

func consentLeftOut(
    _ submission: Submission, _ verification: SignatureVerification, _ inflation: Inflation,
    _ validation: SchemaValidation, _ relations: RelationCheck, _ authorization: Authorization
) async throws -> AuthorizedMessage {
    let verified = try verification.verify(submission)
    let inflated = try inflation.inflate(verified)
    let message = try validation.validate(inflated)
    let related = try await relations.relate(message)
    return try authorization.authorize(related)
}
