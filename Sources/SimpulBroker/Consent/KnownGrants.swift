public import SimpulCore

/// What a store knows of the grants under one reference: only of those that the asking agency holds, or that are shared
/// with it, so that nobody learns of others by asking.
public struct KnownGrants: Sendable, Equatable {
    /// The grants of one status, in the order of their holders' ids.
    public var grants: [ConsentGrant]
    /// How many messages stand on the reference; counted no further than one beyond the bound.
    public var messages: Int

    /// Nothing is known.
    public static let none = KnownGrants(grants: [], messages: 0)

    /// Grants.
    public init(grants: [ConsentGrant], messages: Int) {
        self.grants = grants
        self.messages = messages
    }

    /// Judges a message by what is known. Intake asks before the policy does, and a store once more in the
    /// transaction that it writes in, because a withdrawal may have come between.
    /// - Returns: the grant as a `consent` leaves it; nil for every other message.
    /// - Throws: `consent`; `rule` where a consent is overridden by one officer alone. A grant that is not known, one of
    ///   others and one that has ended look the same.
    public func check(
        _ header: Header, _ statement: ConsentStatement?, at now: Timestamp, limits: Limits
    ) throws(Refusal) -> ConsentGrant? {
        do throws(ConsentBreach) {
            if let statement { return try grant(after: statement, in: header, at: now, limits: limits) }
            guard !header.overridesConsentAlone else { throw .overriddenAlone }
            if header.needsConsent { try requireCover(header, at: now, limits: limits) }
            return nil
        } catch {
            throw error.refusal(of: header)
        }
    }

    private func requireCover(_ header: Header, at now: Timestamp, limits: Limits) throws(ConsentBreach) {
        let usable = grants.filter { $0.lives(at: now) && $0.isShared(with: header.sender) }
        let gaps = usable.map { $0.gaps(for: header) }
        guard let fewest = gaps.min(by: { $0.count < $1.count }) else { throw .noGrant }
        guard fewest.isEmpty else { throw .notCovered(fewest) }
        guard messages < limits.consentMessages else { throw .tooManyMessages }
    }

    private func grant(
        after statement: ConsentStatement, in header: Header, at now: Timestamp, limits: Limits
    ) throws(ConsentBreach) -> ConsentGrant {
        let key = statement.key(in: header)
        let known = grants.first { $0.key == key }
        guard let grant = ConsentGrant.after(known, statement, of: key, at: now) else {
            throw known == nil ? .nothingToChange : known?.end == nil && statement.isGrant ? .takenReference : .ended
        }
        guard grant.everShared.count <= limits.consentParties else { throw .tooManyParties }
        return grant
    }
}

extension ConsentStatement {
    fileprivate var isGrant: Bool { if case .grant = act { true } else { false } }
}

/// How a message breaks what the registry of consents says.
private enum ConsentBreach: Error {
    case noGrant
    case notCovered([String])
    case tooManyMessages
    case nothingToChange
    case takenReference
    case ended
    case tooManyParties
    case overriddenAlone

    func refusal(of header: Header) -> Refusal {
        let text = text
        let faults = pointers.map { DocumentFault(pointer: $0, keyword: keyword, detail: text) }
        return Refusal(
            isOfRegistry ? .consent : .rule, at: .authorize, text,
            diagnosis: "\(header.type.rawValue): \(text.english)", faults: faults, message: header.id)
    }

    private var isOfRegistry: Bool { if case .overriddenAlone = self { false } else { true } }

    private var keyword: String { isOfRegistry ? "consent" : "R-03" }

    private var pointers: [String] {
        switch self {
        case .noGrant, .tooManyMessages: ["/header/consentRef"]
        case .notCovered(let pointers): pointers
        case .nothingToChange, .takenReference, .ended: ["/body/consentRef"]
        case .tooManyParties: ["/body/shareWith"]
        case .overriddenAlone: ["/header/consentOverride/approvedBy"]
        }
    }

    private var text: LocalizedText {
        switch self {
        case .noGrant:
            LocalizedText(
                "There is no consent under this reference that your agency may use now for messages of this status.",
                "Tidak ada persetujuan dengan rujukan ini yang kini boleh dipakai instansi Anda untuk status pesan ini."
            )
        case .notCovered:
            LocalizedText(
                "The consent does not cover this.", "Hal ini tidak tercakup dalam persetujuan.")
        case .tooManyMessages:
            LocalizedText(
                "As many messages as may stand on one consent do already; record a new one with the person.",
                "Jumlah pesan untuk satu persetujuan sudah tercapai; catat persetujuan baru bersama orangnya.")
        case .nothingToChange:
            LocalizedText(
                "Your agency has recorded no consent under this reference.",
                "Instansi Anda belum mencatat persetujuan dengan rujukan ini.")
        case .takenReference:
            LocalizedText(
                "Your agency has a consent under this reference already; change it with modify.",
                "Instansi Anda sudah punya persetujuan dengan rujukan ini; ubah dengan modify.")
        case .ended:
            LocalizedText(
                "This consent has ended; a new one gets a reference of its own.",
                "Persetujuan ini sudah berakhir; yang baru memakai rujukan tersendiri.")
        case .tooManyParties:
            LocalizedText(
                "This consent was shared with as many agencies as one may be; record a new one with the person.",
                "Persetujuan ini sudah dibagikan kepada sebanyak-banyaknya instansi; catat yang baru bersama orangnya.")
        case .overriddenAlone:
            LocalizedText(
                "Who decides to go without a consent and who approves it must be two officers.",
                "Petugas yang memutuskan tanpa persetujuan dan yang menyetujuinya harus dua orang berbeda.")
        }
    }
}
