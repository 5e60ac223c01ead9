public import SimpulCore

/// What a policy says about one recipient; a value with its reason, for the answer, the log and the tests alike.
public enum PolicyDecision: Sendable, Hashable {
    /// The rule with that id allows it.
    case allowed(rule: String)
    /// It may not go there; why.
    case denied(PolicyDenial)
}

/// Why a message may not go to a recipient.
public enum PolicyDenial: Sendable, Hashable {
    /// No file can allow it.
    case never(HardDenial)
    /// The policy names no impact assessment, without which nothing is matched.
    case noImpactAssessment(MessageType)
    /// The policy has no rule for the type at all.
    case noRuleForType(MessageType)
    /// No rule lets the sender send the type to anybody.
    case senderRoleMaySendNone(MessageType)
    /// No rule lets the recipient receive the type from anybody.
    case recipientRoleMayReceiveNone(MessageType)
    /// Both take part in the type, but not with each other.
    case pairNotAllowed(MessageType)
    /// A rule lets them, under a condition that the header does not meet; the members of the header that it asks.
    case conditionNotMet(MessageType, members: [String])
    /// The recipient itself takes less than the policy lets it.
    case recipientTakesLess(MessageType)

    /// What the fault is called in the answer.
    public var keyword: String { if case .never(let denial) = self { denial.rawValue } else { "policy" } }

    /// Why, for the sender; it names the type and no other value of the message.
    public var text: LocalizedText {
        switch self {
        case .never(let denial): denial.text
        case .noImpactAssessment(let type):
            LocalizedText(
                "missed: the policy names no impact assessment (dpia), and \(type.rawValue) needs one",
                "yang tidak ada: kebijakan tidak menyebut penilaian dampak (dpia), padahal \(type.rawValue) memerlukannya"
            )
        case .noRuleForType(let type):
            LocalizedText(
                "missed rule: the policy has no rule for \(type.rawValue)",
                "aturan yang tidak ada: kebijakan tidak memuat aturan untuk \(type.rawValue)")
        case .senderRoleMaySendNone(let type):
            LocalizedText(
                "missed rule: none lets your roles send \(type.rawValue)",
                "aturan yang tidak ada: peran Anda tidak boleh mengirim \(type.rawValue)")
        case .recipientRoleMayReceiveNone(let type):
            LocalizedText(
                "missed rule: none lets the recipient's roles receive \(type.rawValue)",
                "aturan yang tidak ada: peran penerima tidak boleh menerima \(type.rawValue)")
        case .pairNotAllowed(let type):
            LocalizedText(
                "missed rule: none lets your roles send \(type.rawValue) to the recipient's roles",
                "aturan yang tidak ada: peran Anda tidak boleh mengirim \(type.rawValue) kepada peran penerima")
        case .conditionNotMet(let type, let members):
            LocalizedText(
                """
                missed rule: one lets your roles send \(type.rawValue) there, under a condition that the header does not \
                meet: \(members.joined(separator: ", "))
                """,
                """
                aturan yang tidak ada: peran Anda boleh mengirim \(type.rawValue) ke sana, tetapi dengan syarat yang \
                tidak dipenuhi header: \(members.joined(separator: ", "))
                """)
        case .recipientTakesLess(let type):
            LocalizedText(
                "the recipient takes \(type.rawValue) from fewer agencies than the policy lets it",
                "penerima membatasi sendiri instansi pengirim \(type.rawValue)")
        }
    }
}
