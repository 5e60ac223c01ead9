public import SimpulCore
internal import StrictJSON

/// how a person of a message must never be reached. Whoever shows the message says this before anything else of
/// it, so that nobody dials a number first and reads on afterwards.
public struct SafeContact: Sendable, Equatable {
    /// The ways that are closed, in the codes of `contactMethod`; a code of a newer schema is kept as it is.
    public let never: [String]
    /// Whether nobody of the message may be reached in any way but a safe one.
    public let isSafeOnly: Bool

    /// One sentence for people.
    public var warning: LocalizedText {
        let ways = never.map { Self.ways[$0] ?? LocalizedText($0, $0) }
        var sentences: [LocalizedText] = []
        if !ways.isEmpty {
            sentences.append(
                LocalizedText(
                    "NEVER contact the person by: \(ways.map(\.english).joined(separator: ", ")).",
                    "JANGAN PERNAH menghubungi orang ini melalui: \(ways.map(\.indonesian).joined(separator: ", "))."))
        }
        if isSafeOnly {
            sentences.append(
                LocalizedText(
                    "Contact nobody in this message except in a safe way.",
                    "Jangan menghubungi siapa pun dalam pesan ini kecuali melalui cara yang aman."))
        }
        return LocalizedText(
            sentences.map(\.english).joined(separator: " "), sentences.map(\.indonesian).joined(separator: " "))
    }

    /// What a body says about it; nil where it says nothing.
    init?(body: JSON) {
        if case .array(let codes)? = body["person"]?["safeContact"]?["never"] {
            never = codes.compactMap { code in
                if case .string(let text) = code { text } else { nil }
            }
        } else {
            never = []
        }
        isSafeOnly = body["safety"]?["safeContactOnly"] == .bool(true)
        guard !never.isEmpty || isSafeOnly else { return nil }
    }

    private static let ways: [String: LocalizedText] = [
        "Phone": LocalizedText("telephone", "telepon"),
        "TextMessage": LocalizedText("text message", "pesan singkat"),
        "HomeVisit": LocalizedText("a visit at home", "kunjungan ke rumah"),
        "SchoolVisit": LocalizedText("a visit at school", "kunjungan ke sekolah"),
        "WorkplaceVisit": LocalizedText("a visit at work", "kunjungan ke tempat kerja"),
        "ViaReferrer": LocalizedText("the agency that refers", "instansi perujuk"),
        "ViaTrustedPerson": LocalizedText("a person of trust", "orang kepercayaan"),
    ]
}

extension OpenedMessage {
    /// How somebody must never be reached; nil where the message says nothing of it.
    public var safeContact: SafeContact? { SafeContact(body: body) }
}
