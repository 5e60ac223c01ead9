public import SimpulCore

/// What no policy file can allow. The raw value stands in the answer as `keyword`.
///
/// Two more of them are checked elsewhere: what only a sealed body says (an agency that is implicated in it) by the
/// clients of sender and recipient, and that every change of roles and rules has two signatures where rules come into
/// force.
public enum HardDenial: String, Sendable, CaseIterable {
    /// Immigration does not get a referral for enforcement: only to keep the person safe, or to bring them home.
    case immigrationFirewall = "never-immigration-firewall"
    /// Classes P3 and P4 do not go to the media, nor to a village facilitator; to the media nothing sealed goes at all,
    /// because nobody could look it through.
    case identityToPublicRole = "never-identity-to-public-role"
    /// Classes P3 and P4 do not go to the task force for its statistics.
    case identityForStatistics = "never-identity-for-statistics"
    /// Classes P3 and P4 do not go to more than five parties: a fallback can open the body as a recipient can.
    case broadcast = "never-broadcast"
    /// What is TLP:RED is not handed on by its recipient, however the recipient labels its answer.
    case redirectOfRed = "never-redirect-of-red"
    /// Broker and auditors hold no key that opens a body.
    case sealedToOperator = "never-sealed-to-operator"

    /// The most parties, recipients and fallbacks together, of a message of class P3 or P4.
    static let mostParties = 5

    /// The denial that a message to that recipient meets; nil where it meets none.
    /// - Parameter answersRed: whether what it answers is TLP:RED.
    static func denying(
        _ header: Header, from sender: Agency, to recipient: Agency, answersRed: Bool
    ) -> HardDenial? {
        let roles = recipient.roles
        let isSealed = header.mustBeSealed || header.bodyDigest != nil
        if isSealed, roles.contains(.media) { return .identityToPublicRole }
        if header.privacy.mustBeSealed {
            if roles.contains(.facilitator) { return .identityToPublicRole }
            if roles.contains(.taskForce), header.purpose == .monitoring { return .identityForStatistics }
            if Set(header.recipients).union(header.fallback).count > mostParties { return .broadcast }
        }
        if isSealed, recipient.holdsNoBodyKeys { return .sealedToOperator }
        if header.type == .referral, roles.contains(.immigration),
            header.purpose != .victimSafety && header.purpose != .repatriation
        {
            return .immigrationFirewall
        }
        if header.state == .redirected, header.trafficLight == .red || answersRed { return .redirectOfRed }
        return nil
    }

    /// Why, for the sender; it names no value of the message.
    public var text: LocalizedText {
        switch self {
        case .immigrationFirewall:
            LocalizedText(
                "never: immigration gets a referral only for VICTIM_SAFETY or REPATRIATION",
                "tidak pernah: imigrasi menerima rujukan hanya untuk VICTIM_SAFETY atau REPATRIATION")
        case .identityToPublicRole:
            LocalizedText(
                "never: classes P3 and P4 do not go to MEDIA or FACILITATOR, and nothing sealed goes to MEDIA",
                "tidak pernah: kelas P3 dan P4 tidak dikirim ke MEDIA atau FACILITATOR, yang tersegel tidak ke MEDIA"
            )
        case .identityForStatistics:
            LocalizedText(
                "never: classes P3 and P4 do not go to the task force for MONITORING",
                "tidak pernah: kelas P3 dan P4 tidak dikirim ke gugus tugas untuk MONITORING")
        case .broadcast:
            LocalizedText(
                "never: classes P3 and P4 go to five parties at the most, recipients and fallbacks together",
                "tidak pernah: kelas P3 dan P4 paling banyak untuk lima pihak, penerima dan cadangan bersama-sama")
        case .redirectOfRed:
            LocalizedText(
                "never: what is TLP:RED is not redirected; reject it, and its sender chooses whom to ask next",
                "tidak pernah: TLP:RED tidak dialihkan; tolaklah, lalu pengirim memilih pihak berikutnya")
        case .sealedToOperator:
            LocalizedText(
                "never: BROKER and AUDIT hold no key that opens a body",
                "tidak pernah: BROKER dan AUDIT tidak memegang kunci pembuka isi pesan")
        }
    }
}

extension Role {
    // Spelled once here: the roles that code, and no file, speaks of. Each is 2 to 16 capital letters, so it parses.
    static let immigration = word("IMM")
    static let taskForce = word("TF")
    static let media = word("MEDIA")
    static let facilitator = word("FACILITATOR")
    /// What the hub itself is.
    public static let broker = word("BROKER")
    /// Who audits.
    public static let audit = word("AUDIT")

    private static func word(_ text: String) -> Role {
        guard let role = Role(text) else { preconditionFailure("\(text) is a role") }
        return role
    }
}
