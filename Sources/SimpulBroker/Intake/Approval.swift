public import SimpulCore
public import SimpulEnvelope

/// All that a submission is checked for: the stages in their order. Each takes what only the stage before can make, so
/// a stage that is left out or swapped does not compile.
public struct Approval: Sendable {
    private let verification = SignatureVerification()
    private let inflation: Inflation
    private let validation: SchemaValidation
    private let relations: RelationCheck
    private let consents: ConsentCheck
    private let authorization = Authorization()

    /// The checks of one broker, against what that history has.
    public init(hub: AgencyID, catalogue: SchemaCatalogue, history: any MessageHistory, limits: Limits) {
        inflation = Inflation(limits: limits)
        validation = SchemaValidation(hub: hub, catalogue: catalogue, limits: limits)
        relations = RelationCheck(store: history)
        consents = ConsentCheck(store: history, limits: limits)
    }

    /// Checks a submission, without a trace of it.
    /// - Throws: a ``Refusal``, or a ``StoreError`` where what came before cannot be read.
    public func approve(_ submission: Submission) async throws -> AuthorizedMessage {
        let verified = try verification.verify(submission)
        let inflated = try inflation.inflate(verified)
        let message = try validation.validate(inflated)
        let related = try await relations.relate(message)
        let consented = try await consents.consent(related)
        return try authorization.authorize(consented)
    }
}
