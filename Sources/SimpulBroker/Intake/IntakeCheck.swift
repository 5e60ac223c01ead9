public import SimpulCore

/// The questions that a submission is asked, in the order of protocol §3: how an explanation is told. A refusal answers
/// one of them; those before it were passed, those behind it not asked.
public enum IntakeCheck: String, Sendable, CaseIterable {
    case agency, size, form, signer, signature, inflate, document, sender, hub, schema, time, parties, seal, rules
    case attachments, relations, consent, policy, id

    /// The question that a refusal is the answer to; nil for one that says nothing about the message.
    public init?(_ refusal: Refusal) {
        switch refusal.code {
        case .agencyInactive: self = .agency
        case .tooLarge: self = refusal.stage == .inflate || refusal.stage == .validate ? .inflate : .size
        case .notJOSE: self = .form
        case .parameterRefused, .algorithmRefused:
            switch refusal.stage {
            case .validate: self = .seal
            case .verify: self = .signer
            default: self = .form
            }
        case .signerUnknown: self = .signer
        case .signatureInvalid: self = .signature
        case .inflateFailed: self = .inflate
        case .jsonInvalid: self = .document
        case .senderMismatch: self = .sender
        case .wrongHub: self = .hub
        case .schemaUnknown, .schemaInvalid: self = .schema
        case .timeInvalid: self = .time
        case .recipientUnknown: self = .parties
        case .mustBeSealed, .sealRecipients: self = .seal
        case .attachmentMissing: self = .attachments
        case .rule: self = .rules
        case .lifecycle: self = .relations
        case .policyDenied: self = .policy
        case .consent: self = .consent
        case .idConflict: self = .id
        case .roleDenied, .notFound, .methodNotAllowed, .leaseExpired, .deliveryState, .mediaType, .quota,
            .draining, .storageUnavailable, .internalError, .digestMismatch, .offsetMismatch, .rangeUnsatisfiable,
            .bundleInvalid, .bundleIncomplete, .bundleForeign, .bundleSeal, .courierKey:
            return nil
        }
    }

    /// The question, for people.
    public var question: LocalizedText {
        switch self {
        case .agency:
            LocalizedText("Is the agency active, with a certificate?", "Apakah instansi aktif dan bersertifikat?")
        case .size: LocalizedText("Is the envelope within its size?", "Apakah ukuran amplop dalam batas?")
        case .form: LocalizedText("Is it an envelope?", "Apakah ini amplop?")
        case .signer: LocalizedText("May its certificate sign now?", "Bolehkah sertifikatnya menandatangani sekarang?")
        case .signature: LocalizedText("Does the signature verify?", "Apakah tanda tangannya sah?")
        case .inflate: LocalizedText("Does it inflate within its size?", "Apakah muatannya utuh dan dalam batas?")
        case .document: LocalizedText("Is it strict JSON?", "Apakah ini JSON yang ketat?")
        case .sender: LocalizedText("Is the sender who signed it?", "Apakah pengirim sama dengan penanda tangan?")
        case .hub: LocalizedText("Is it for this broker?", "Apakah untuk simpul ini?")
        case .schema: LocalizedText("Does it fit its schema?", "Apakah sesuai skemanya?")
        case .time: LocalizedText("Are its times in bounds?", "Apakah waktunya dalam batas?")
        case .parties: LocalizedText("Are all parties known and active?", "Apakah semua pihak dikenal dan aktif?")
        case .seal: LocalizedText("Is it sealed as its class asks?", "Apakah disegel sesuai kelasnya?")
        case .attachments: LocalizedText("Are its attachments here?", "Apakah lampirannya ada?")
        case .rules: LocalizedText("Does it keep the rules of protection?", "Apakah mematuhi aturan pelindungan?")
        case .relations:
            LocalizedText("Does it follow what came before?", "Apakah sesuai dengan yang mendahuluinya?")
        case .policy: LocalizedText("Does the policy let it pass?", "Apakah kebijakan mengizinkannya?")
        case .consent: LocalizedText("Does a consent cover it?", "Apakah ada persetujuan yang mencakupnya?")
        case .id: LocalizedText("Is its id new?", "Apakah ID-nya baru?")
        }
    }
}
