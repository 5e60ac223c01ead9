public import SimpulCore

/// A change on its way from one approver to the next, and to the broker: the step on the first line, and below it one
/// token a line, each over the octets of the first line.
public struct ChangeFile: Hashable, Sendable {
    /// The step.
    public let change: RuleChange
    /// The tokens, in the order of the lines.
    public private(set) var approvals: [[UInt8]]

    /// The most octets of a file; it is in memory a few times while it is read.
    public static let mostOctets = 256 * 1024
    /// The most approvals; each costs one verification of a signature.
    public static let mostApprovals = 16

    /// A step that nobody has approved yet.
    public init(_ change: RuleChange) {
        self.change = change
        approvals = []
    }

    /// Reads a file strictly: every line ends with LF, none is empty or there twice. Signatures are not looked at.
    public init(parsing octets: [UInt8]) throws(ChangeFault) {
        guard octets.count <= Self.mostOctets else { throw .tooLarge }
        guard octets.last == UInt8(ascii: "\n") else { throw .malformed }
        let lines = octets.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, let change = RuleChange(octets: Array(first)) else { throw .malformed }
        guard lines.count <= 1 + Self.mostApprovals else { throw .tooManyLines }
        approvals = lines.dropFirst().map { Array($0) }
        guard approvals.allSatisfy({ !$0.isEmpty }) else { throw .malformed }
        guard Set(approvals).count == approvals.count else { throw .repeatedLine }
        self.change = change
    }

    /// Adds an approval.
    public mutating func append(_ approval: [UInt8]) throws(ChangeFault) {
        guard approvals.count < Self.mostApprovals else { throw .tooManyLines }
        guard !approvals.contains(approval) else { throw .repeatedLine }
        approvals.append(approval)
    }

    /// The file.
    public var octets: [UInt8] {
        ([change.octets] + approvals).flatMap { $0 + [UInt8(ascii: "\n")] }
    }
}

/// What is wrong with a change.
public enum ChangeFault: String, Error, Hashable, Sendable, CaseIterable {
    case missing = "there is none"
    case damagedRecord = "the log's newest record of the rules is damaged: run simpul audit verify"
    case unreadable = "it cannot be read"
    case tooLarge = "it is too large"
    case malformed = "it is not a step on the first line and one approval on each line below"
    case tooManyLines = "it has too many approvals"
    case repeatedLine = "an approval is there twice"
    case wrongHub = "it is for another broker"
    case wrongStart = "it does not follow the rules that the log recorded last"
    case wrongEnd = "it is for other rules than these"
    case wrongApprovers = "it names other approvers, or other certificates of theirs, than these rules"
    case badApproval = "an approval is none, or its signature does not verify"
    case otherStep = "an approval is for another step"
    case algorithmRefused = "an approval is signed with an algorithm that is refused"
    case unknownSigner = "an approval is signed by a certificate that is not known"
    case refusedSigner = "an approval is signed by a certificate that may not be used now"
    case noApprover = "an approval is by nobody whom the rules before name as approver"
    case unknownKey = "an approver's certificate is neither the recorded one nor endorsed by it"
    case sameAgency = "two approvals are by one agency"
    case tooFew = "fewer than two approvers have signed"

    /// What is wrong, for people.
    public var text: LocalizedText { LocalizedText(rawValue, indonesian) }

    private var indonesian: String {
        switch self {
        case .missing: "usulan tidak ada"
        case .damagedRecord: "catatan aturan terbaru di log rusak: jalankan simpul audit verify"
        case .unreadable: "usulan tidak dapat dibaca"
        case .tooLarge: "usulan terlalu besar"
        case .malformed: "bukan langkah pada baris pertama dan satu persetujuan pada tiap baris berikutnya"
        case .tooManyLines: "persetujuannya terlalu banyak"
        case .repeatedLine: "ada persetujuan yang tertulis dua kali"
        case .wrongHub: "usulan untuk simpul lain"
        case .wrongStart: "bukan lanjutan aturan yang terakhir dicatat log"
        case .wrongEnd: "usulan untuk aturan lain, bukan yang ini"
        case .wrongApprovers: "menyebut penyetuju atau sertifikat mereka yang lain daripada aturan ini"
        case .badApproval: "ada persetujuan yang bukan persetujuan atau tanda tangannya tidak sah"
        case .otherStep: "ada persetujuan untuk langkah lain"
        case .algorithmRefused: "ada persetujuan dengan algoritma tanda tangan yang ditolak"
        case .unknownSigner: "ada persetujuan dengan sertifikat yang tidak dikenal"
        case .refusedSigner: "ada persetujuan dengan sertifikat yang saat ini tidak boleh dipakai"
        case .noApprover: "ada persetujuan dari pihak yang bukan penyetuju menurut aturan sebelumnya"
        case .unknownKey: "sertifikat penyetuju bukan yang tercatat dan tidak didukung olehnya"
        case .sameAgency: "satu instansi menandatangani dua kali"
        case .tooFew: "kurang dari dua penyetuju yang menandatangani"
        }
    }
}
