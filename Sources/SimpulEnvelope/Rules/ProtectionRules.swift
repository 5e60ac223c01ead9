public import SimpulCore
public import StrictJSON

/// What an agency is in the network, as far as whoever applies a rule knows it; nil where it does not.
public typealias RoleLookup = (AgencyID) -> Set<Role>?

/// The data-protection rules over a whole document that a schema cannot say (docs/rules.md). Sender's client, broker and
/// recipient's client apply the same ones, each as far as it can read: a broker sees no sealed body, a client may not
/// know the roles of every party.
public enum ProtectionRules {
    /// Every fault of a document whose header is valid, in the order of the rules; the keyword of each is the rule's id.
    /// A rule about the header alone allocates nothing where nothing is wrong. Texts hold no value of the message.
    /// - Parameters:
    ///   - headerJSON: the header that `header` was read from.
    ///   - body: the clear body; nil where it is sealed.
    ///   - roles: what agencies are. A rule passes over a party that is not known.
    public static func faults(
        header: Header, _ headerJSON: JSONValue, body: JSONValue?, roles: RoleLookup
    ) -> [DocumentFault] {
        let subject = RuleSubject(header: header, headerJSON: headerJSON)
        var faults = RuleFaults()
        for rule in all {
            faults.rule = rule.id
            switch rule.check {
            case .header(let check): check(subject, roles, &faults)
            case .body(let check):
                if let body { check(subject, body, &faults) }
            }
        }
        return faults.list
    }

    /// Refuses what breaks a rule.
    /// - Throws: `rule` with every fault.
    public static func require(
        header: Header, _ headerJSON: JSONValue, body: JSONValue?, roles: RoleLookup
    ) throws(Refusal) {
        let faults = faults(header: header, headerJSON, body: body, roles: roles)
        guard faults.isEmpty else { throw .rule(faults) }
    }

    /// The ids of the rules, as they stand in docs/rules.md; `agreement` says that header and body tell the same.
    public static var ids: Set<String> { Set(all.map(\.id)) }

    private static let all: [ProtectionRule] = [
        ProtectionRule(id: "R-05", .body(Minimisation.withheldIsAbsent)),
        ProtectionRule(id: "R-05", .body(Minimisation.identityDocumentsHaveAPurpose)),
        ProtectionRule(id: "R-06", .header(Disclosure.sensitiveIsRedOrAmberStrict)),
        ProtectionRule(id: "R-08", .header(ChildProtection.urgencyHasAFloor)),
        ProtectionRule(id: "R-08", .header(ChildProtection.protectionUnitIsParty)),
        ProtectionRule(id: "R-08", .body(ChildProtection.bestInterestIsAssessed)),
        ProtectionRule(id: "R-09", .body(ChildStatus.headerKnowsTheChild)),
        ProtectionRule(id: "R-09", .body(ChildStatus.childNeedsNoMeans)),
        ProtectionRule(id: "R-10", .body(Guardianship.suspectedGuardianDecidesNothing)),
        ProtectionRule(id: "R-11", .body(PublicTexts.nameNobody)),
        ProtectionRule(id: "R-12", .body(Accessibility.disabilityIsHeard)),
        ProtectionRule(id: "R-24", .body(CrossBorder.transferHasABasis)),
        ProtectionRule(id: "R-27", .header(ConflictOfInterest.implicatedGoesToOversight)),
        ProtectionRule(id: "R-27", .body(ConflictOfInterest.implicatedIsNoParty)),
        ProtectionRule(id: "R-28", .body(SyntheticIdentities.fitTheStatus)),
        ProtectionRule(id: "agreement", .header(Agreement.preventionHasNoVictimClock)),
        ProtectionRule(id: "agreement", .body(Agreement.lifecycleHasItsContent)),
        ProtectionRule(id: "agreement", .body(Agreement.sameTwice)),
    ]
}

/// One rule: its id, and what it looks at.
struct ProtectionRule: Sendable {
    let id: String
    let check: Check

    enum Check: Sendable {
        case header(@Sendable (RuleSubject, RoleLookup, inout RuleFaults) -> Void)
        case body(@Sendable (RuleSubject, JSONValue, inout RuleFaults) -> Void)
    }

    init(id: String, _ check: Check) {
        self.id = id
        self.check = check
    }
}

/// The header that a rule looks at: typed, and as it was written.
struct RuleSubject: Sendable {
    let header: Header
    let headerJSON: JSONValue
}

/// What rules have found so far.
struct RuleFaults {
    var rule = ""
    private(set) var list: [DocumentFault] = []

    mutating func add(_ pointer: String, _ english: String, _ indonesian: String) {
        list.append(DocumentFault(pointer: pointer, keyword: rule, detail: LocalizedText(english, indonesian)))
    }
}

extension Refusal {
    /// A refusal of a document that breaks rules of protection.
    public static func rule(_ faults: [DocumentFault]) -> Refusal {
        Refusal(
            .rule, at: .validate,
            LocalizedText(
                "The message breaks rules that protect people; each one is listed with its place.",
                "Pesan melanggar aturan yang melindungi orang; setiap pelanggaran disebut beserta tempatnya."),
            diagnosis: faults.prefix(8).map { "\($0.pointer) \($0.keyword)" }.joined(separator: ", "), faults: faults)
    }
}

extension JSONValue {
    /// Whether this is one of those strings.
    func isOne(of texts: [String]) -> Bool { texts.contains { isString($0) } }

    /// The value below these member names.
    func at(_ path: [String]) -> JSONValue? {
        path.reduce(Optional(self)) { value, name in value?[name] }
    }

    /// Whether this is an array with that string.
    func holds(_ text: String) -> Bool { elements.contains { $0.isString(text) } }
}
