import SimpulBroker
import SimpulCore
import Testing

@Suite struct IntakeCheckTests {
    /// Refusals in the order in which the path may throw them.
    static let inOrder: [(ErrorCode, Stage)] = [
        (.agencyInactive, .authenticate), (.tooLarge, .receive), (.notJOSE, .authenticate),
        (.parameterRefused, .authenticate), (.algorithmRefused, .authenticate), (.signerUnknown, .verify),
        (.algorithmRefused, .verify), (.signatureInvalid, .verify), (.inflateFailed, .inflate), (.tooLarge, .inflate),
        (.jsonInvalid, .validate), (.senderMismatch, .validate), (.wrongHub, .validate), (.schemaUnknown, .validate),
        (.schemaInvalid, .validate), (.timeInvalid, .validate), (.recipientUnknown, .validate),
        (.mustBeSealed, .validate), (.parameterRefused, .validate), (.algorithmRefused, .validate),
        (.sealRecipients, .validate), (.rule, .validate), (.attachmentMissing, .validate), (.lifecycle, .validate),
        (.consent, .authorize), (.policyDenied, .authorize), (.idConflict, .store),
    ]

    @Test func `every refusal of a message answers one question, in the order of the path`() throws {
        var last = 0
        for (code, stage) in Self.inOrder {
            let check = try #require(IntakeCheck(Refusal(code, at: stage, LocalizedText("", ""))), "\(code)")
            let place = try #require(IntakeCheck.allCases.firstIndex(of: check))
            #expect(place >= last, "\(code)")
            last = place
        }
        #expect(
            Set(Self.inOrder.compactMap { IntakeCheck(Refusal($0, at: $1, LocalizedText("", ""))) }).count
                == IntakeCheck.allCases.count)
    }

    @Test(arguments: ErrorCode.allCases) func `what says nothing about a message answers none`(code: ErrorCode) {
        let isAboutMessage = Self.inOrder.contains { $0.0 == code }
        #expect((IntakeCheck(Refusal(code, at: .validate, LocalizedText("", ""))) != nil) == isAboutMessage)
    }

    @Test(arguments: IntakeCheck.allCases) func `each question is asked in both languages`(check: IntakeCheck) {
        #expect(check.question.english.hasSuffix("?") && check.question.indonesian.hasSuffix("?"))
        #expect(check.question.english != check.question.indonesian)
    }
}
