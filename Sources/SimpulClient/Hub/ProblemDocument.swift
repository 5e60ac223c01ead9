public import SimpulCore
internal import StrictJSON

/// A refusal as the broker words it (RFC 9457, protocol §3).
public struct ProblemDocument: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// The code, such as `policy-denied`; a newer broker may have codes that this client does not know.
    public var code: String
    /// The kind of problem, in few words.
    public var title: String
    /// What is wrong here and what to do next, in the language that was asked for.
    public var detail: String
    /// The stage that refused.
    public var stage: String?
    /// Whether the same request may go well later.
    public var isTemporary: Bool
    /// What the operator finds this refusal by.
    public var trace: String?
    /// The faults of the message, each with its place.
    public var faults: [DocumentFault]
    /// The signed refusal, not verified.
    public var receipt: Receipt?
    /// Seconds that the broker asks to wait before the next attempt.
    public var retryAfter: Int?

    /// A problem.
    public init(
        status: Int, code: String, title: String, detail: String = "", stage: String? = nil, isTemporary: Bool = false,
        trace: String? = nil, faults: [DocumentFault] = [], receipt: Receipt? = nil, retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.stage = stage
        self.isTemporary = isTemporary
        self.trace = trace
        self.faults = faults
        self.receipt = receipt
        self.retryAfter = retryAfter
    }

    /// Reads the body of an answer with that status; nil where it is not one of the protocol's problem documents.
    /// Members that this client does not know are passed over.
    public init?(parsing bytes: [UInt8], status: Int, retryAfter: String? = nil) {
        let limits = JSONLimits(depth: 8, numbers: .interoperable)
        guard let root = try? JSONDocument(bytes, limits: limits).root, root.kind == .object,
            root["status"]?.int == status, let code = root["code"]?.string, Self.isCode(code),
            root["type"]?.isString("urn:simpul:error:" + code) == true, let title = root["title"]?.string,
            let isTemporary = root["temporary"]?.bool
        else { return nil }
        var faults: [DocumentFault] = []
        for element in root["errors"].map({ Array($0.elements) }) ?? [] {
            guard let pointer = element["pointer"]?.string, let keyword = element["keyword"]?.string,
                let detail = element["detail"]?.string
            else { return nil }
            faults.append(DocumentFault(pointer: pointer, keyword: keyword, detail: LocalizedText(detail, detail)))
        }
        self.init(
            status: status, code: code, title: title, detail: root["detail"]?.string ?? "",
            stage: root["stage"]?.string, isTemporary: isTemporary, trace: root["trace"]?.string, faults: faults,
            receipt: root["receipt"]?.utf8.map { Receipt(token: $0) },
            retryAfter: retryAfter.flatMap { Int($0) }.flatMap { (0...86_400).contains($0) ? $0 : nil })
    }

    private static func isCode(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}
