@testable import SimpulBroker

func stagesInOrder(
    _ submission: Submission, _ verification: SignatureVerification, _ inflation: Inflation,
    _ validation: SchemaValidation, _ relations: RelationCheck,
    _ consents: ConsentCheck, _ authorization: Authorization
) async throws -> AuthorizedMessage {
    let verified = try verification.verify(submission)
    let inflated = try inflation.inflate(verified)
    let message = try validation.validate(inflated)
    let related = try await relations.relate(message)
    let consented = try await consents.consent(related)
    return try authorization.authorize(consented)
}
