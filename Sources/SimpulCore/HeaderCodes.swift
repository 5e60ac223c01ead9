/// The codes of `schemas/header/1.json` that the broker acts on; each raw value stands on the wire. The lists and their
/// sources are in `schemas/common/1.json`.
extension Header {
    /// What the data is processed for (UU 27/2022, articles 20-21).
    public enum Purpose: String, Sendable, CaseIterable {
        case victimSafety = "VICTIM_SAFETY"
        case reportIntake = "REPORT_INTAKE"
        case identification = "IDENTIFICATION"
        case serviceProvision = "SERVICE_PROVISION"
        case criminalProceedings = "CRIMINAL_PROCEEDINGS"
        case repatriation = "REPATRIATION"
        case civilRegistration = "CIVIL_REGISTRATION"
        case restitution = "RESTITUTION"
        case deconfliction = "DECONFLICTION"
        case prevention = "PREVENTION"
        case monitoring = "MONITORING"
        case system = "SYSTEM"
    }

    /// What the processing stands on (UU 27/2022, article 20(2) a to f).
    public enum LegalBasis: String, Sendable, CaseIterable {
        case consent = "PDP20-2a"
        case contract = "PDP20-2b"
        case legalDuty = "PDP20-2c"
        case vitalInterest = "PDP20-2d"
        case publicTask = "PDP20-2e"
        case legitimateInterest = "PDP20-2f"
        case nonePersonal = "NONE_PERSONAL"
    }

    /// How far it may be passed on (FIRST TLP 2.0).
    public enum TrafficLight: String, Sendable, CaseIterable {
        case red = "RED"
        case amberStrict = "AMBER+STRICT"
        case amber = "AMBER"
        case green = "GREEN"
        case clear = "CLEAR"
    }

    /// CAP 1.2 `severity`.
    public enum Severity: String, Sendable, CaseIterable {
        case extreme = "Extreme"
        case severe = "Severe"
        case moderate = "Moderate"
        case minor = "Minor"
        case unknown = "Unknown"
    }

    /// How soon a referral needs help.
    public enum Priority: String, Sendable, CaseIterable {
        case emergency = "EMERGENCY_24H"
        case urgent = "URGENT_72H"
        case normal = "NORMAL_2W"
    }

    /// Whether a referral asks for a service, or moves the case (Primero v2).
    public enum ReferralMode: String, Sendable, CaseIterable {
        case referral, transfer
        case transferRequest = "transfer-request"
    }

    /// Who may read a bulletin.
    public enum Audience: String, Sendable, CaseIterable {
        case `internal`, partners
        case everybody = "public"
    }
}

/// What a consent is called: opaque, naming nobody (`consentRef`).
public struct ConsentReference: Hashable, Sendable, CustomStringConvertible {
    /// The reference, as it stands in a message.
    public let description: String

    /// A reference that a schema has accepted; nil where it is longer than any may be.
    public init?(_ text: String) {
        guard text.hasPrefix("C-"), text.utf8.count <= 24 else { return nil }
        description = text
    }
}
