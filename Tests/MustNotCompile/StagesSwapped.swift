@testable import SimpulBroker

func policyBeforeValidation(
    _ submission: Submission, _ verification: SignatureVerification, _ inflation: Inflation,
    _ validation: SchemaValidation, _ relations: RelationCheck,
    _ consents: ConsentCheck, _ authorization: Authorization
) async throws -> ValidMessage {
    let verified = try verification.verify(submission)
    let inflated = try inflation.inflate(verified)
    let message = try authorization.authorize(inflated)
    return try validation.validate(message)
}
