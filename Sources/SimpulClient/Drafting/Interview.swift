internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// Whoever answers an interview, line by line.
public protocol Respondent {
    /// Shows a text.
    func say(_ text: String)
    /// The next line, without its end.
    /// - Throws: ``ClientError`` where there is none, or it is too long.
    func line() throws(ClientError) -> String
}

/// Asks for a message member after member, as the schemas have them, and checks each answer at once.
///
/// It is over when everything that is required is there; optional members are offered by number, object by object.
/// Answers are repeated nowhere.
struct Interview<Person: Respondent> {
    /// Answers to one question before it is given up, so that a pipe that answers nonsense comes to an end.
    static var attempts: Int { 50 }
    /// Members that are asked for in one object; the schemas have fewer.
    private static var rounds: Int { 256 }
    /// Objects and lists inside each other.
    private static var depth: Int { 12 }

    let person: Person
    let language: Language
    private let catalogue: SchemaCatalogue
    private let guide = SchemaGuide()
    private let type: MessageType
    private(set) var document: JSON
    /// What is proposed where nothing is said, by the name of a header member.
    private let proposals: [String: JSON]

    init(
        _ person: Person, in language: Language, type: MessageType, catalogue: SchemaCatalogue,
        filled: [(name: String, value: JSON)], proposals: [String: JSON]
    ) {
        self.person = person
        self.language = language
        self.type = type
        self.catalogue = catalogue
        self.proposals = proposals
        let header = JSON.object(filled.map { .init($0.name, $0.value) })
        document = .object([.init("header", header), .init("body", .object([]))])
    }

    /// Holds the whole interview.
    /// - Returns: the document, and whether nothing is wrong with it.
    mutating func hold() throws(ClientError) -> (document: JSON, isValid: Bool) {
        try object(guide.header(of: type), at: ["header"], leavingOut: ["privacy", "bodyDigest"], depth: Self.depth)
        try object(guide.body(of: type), at: ["body"], depth: Self.depth)
        let body = document["body"] ?? .object([])
        let privacy = catalogue.privacyClass(ofBody: body.value, type: type)
        put(.string(privacy.code), at: ["header", "privacy"])
        return (document, faults(at: ["header"]).isEmpty && faults(at: ["body"]).isEmpty)
    }

    // MARK: Objects and lists

    private mutating func object(
        _ guide: ValueGuide, at path: [String], leavingOut: Set<String> = [], depth: Int
    ) throws(ClientError) {
        guard depth > 0 else { return }
        var isOffered = false
        for _ in 0..<Self.rounds {
            let value = self.value(at: path) ?? .object([])
            let view = guide.knowing(Known(value))
            let absent = view.memberNames.filter { value[$0] == nil && !leavingOut.contains($0) }
            // What nothing else decides comes first: conditions are judged by it.
            let next =
                absent.first(where: view.certainlyRequired.contains) ?? absent.first(where: view.required.contains)
            if let name = next {
                try member(name, view, at: path, depth: depth)
            } else if let unmet = Self.unmet(view, value) {
                for name in try choose(unmet, view, at: path) where value[name] == nil {
                    try member(name, view, at: path, depth: depth)
                }
            } else if !isOffered {
                isOffered = true
                let offered = absent.filter { !view.refusedForNow.contains($0) }
                for name in try optional(offered, view, at: path) {
                    try member(name, view, at: path, depth: depth)
                }
            } else {
                return
            }
        }
    }

    private static func unmet(_ view: ValueGuide, _ value: JSON) -> [[String]]? {
        view.memberAlternatives.first { alternatives in
            !alternatives.contains { $0.allSatisfy { value[$0] != nil } }
        }
    }

    private mutating func member(
        _ name: String, _ view: ValueGuide, at path: [String], depth: Int
    ) throws(ClientError) {
        let guide = view.member(name)
        heading(path + [name], guide, notes: view.notes(on: name))
        try value(guide, at: path + [name], depth: depth - 1)
    }

    private mutating func list(_ guide: ValueGuide, at path: [String], depth: Int) throws(ClientError) {
        let items = guide.items()
        let (least, most) = (guide.first("minItems")?.int ?? 0, guide.first("maxItems")?.int ?? 1)
        put(.array([]), at: path)
        for index in 0..<most {
            let isScalar = !["object", "array"].contains(items.types.first ?? "")
            if !isScalar, index >= least || index > 0 {
                guard try isYes(LocalizedText("Another entry? [y/N]", "Tambah entri lagi? [y/T]")) else { return }
            }
            let place = path + [String(index)]
            if isScalar {
                guard try scalar(items, at: place, mayEnd: index >= least) else { return }
            } else {
                try value(items, at: place, depth: depth - 1)
            }
        }
    }

    /// Asks for one value of any kind.
    private mutating func value(_ guide: ValueGuide, at path: [String], depth: Int) throws(ClientError) {
        if let constant = guide.constant {
            say(LocalizedText("  only \(constant.plainText) is possible", "  hanya \(constant.plainText) yang mungkin"))
            return put(constant, at: path)
        }
        if let values = guide.values, guide.types.contains("object") || guide.types.contains("null") {
            let chosen = try number(
                values.map { $0.constant.map(\.plainText) ?? $0.kindName[language] }, path)
            return try value(values[chosen], at: path, depth: depth)
        }
        switch guide.types.first {
        case "object":
            put(.object([]), at: path)
            try object(guide, at: path, depth: depth)
        case "array" where depth > 0: try list(guide, at: path, depth: depth)
        case "null": put(.null, at: path)
        default: _ = try scalar(guide, at: path)
        }
    }

    // MARK: The document

    func value(at path: [String]) -> JSON? { path.reduce(Optional(document)) { $0?.child($1) } }

    mutating func put(_ value: JSON?, at path: [String]) { document = document.putting(value, at: path[...]) }

    /// What is wrong with the document as it stands, at a place and below it.
    func faults(at path: [String]) -> [DocumentFault] {
        guide.faults(at: path, in: document.value, of: type, by: catalogue)
    }

    func proposal(at path: [String]) -> JSON? {
        path.count == 2 && path[0] == "header" ? proposals[path[1]] : nil
    }
}

extension JSON {
    func child(_ token: String) -> JSON? {
        guard case .array(let elements) = self else { return self[token] }
        return Int(token).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    }

    /// The tree with another value at a place; nil removes it. A list takes a new last entry.
    func putting(_ value: JSON?, at path: ArraySlice<String>) -> JSON {
        guard let token = path.first else { return value ?? self }
        let (rest, inner) = (path.dropFirst(), child(token))
        let new = rest.isEmpty ? value : (inner ?? .object([])).putting(value, at: rest)
        guard case .array(var elements) = self, let index = Int(token) else {
            var object = self
            object[token] = new
            return object
        }
        switch (new, elements.indices.contains(index)) {
        case (let new?, true): elements[index] = new
        case (let new?, false): elements.append(new)
        case (nil, true): elements.remove(at: index)
        case (nil, false): break
        }
        return .array(elements)
    }
}
