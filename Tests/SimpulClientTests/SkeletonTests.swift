import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

/// Drafts of every type, from the schemas alone.
@Suite struct SkeletonTests {
    private let catalogue: SchemaCatalogue
    private let writer: DraftWriter
    private let check: DocumentCheck

    init() throws {
        catalogue = try TestNetwork.shared.get().catalogue
        let now = try #require(Timestamp("2026-03-04T14:00:00.000Z"))
        writer = DraftWriter(catalogue: catalogue, agency: nil, hub: nil, now: now)
        check = DocumentCheck(catalogue: catalogue)
    }

    @Test(arguments: MessageType.allCases)
    func `nothing unfinished is valid, and each place that is open is listed`(type: MessageType) {
        let skeleton = writer.skeleton(of: type)
        let faults = Set(check.faults(in: skeleton.json.bytes).map(\.pointer))
        #expect(skeleton.openPlaces.count > 8)
        for place in skeleton.openPlaces { #expect(faults.contains(place.description), "\(place)") }
    }

    @Test(arguments: MessageType.allCases)
    func `any one place that is left open is refused`(type: MessageType) throws {
        let skeleton = writer.skeleton(of: type)
        let filled = try #require(try filledByExamples(skeleton, type).first)
        for place in skeleton.openPlaces {
            let open = filled.putting(skeleton.json.at(place.tokens[...]) ?? "", at: place.tokens[...])
            let faults = check.faults(in: open.bytes).map(\.pointer)
            #expect(faults.contains { $0.hasPrefix(place.description) }, "\(place)")
        }
    }

    @Test(arguments: MessageType.allCases)
    func `once its open places hold what an example says, a draft is valid`(type: MessageType) throws {
        #expect(try !filledByExamples(writer.skeleton(of: type), type).isEmpty)
    }

    @Test(arguments: MessageType.allCases)
    func `without its comments the text is the same draft, with or without optional members`(type: MessageType) throws {
        for language in Language.allCases {
            for offersAll in [false, true] {
                let text = writer.text(of: type, in: language, offersAll: offersAll)
                let source = DraftSource(file: "x.jsonc", bytes: Array(text.utf8))
                let header = try JSONDocument(source.bytes).root["header"]
                #expect(try JSONDocument(source.bytes).root["body"] == writer.json(of: type).value["body"])
                #expect(header?.count == writer.json(of: type).value["header"]?.count)
            }
        }
    }

    @Test(arguments: MessageType.allCases)
    func `with the marks of optional members taken away, a draft is still JSON with new members`(
        type: MessageType
    ) throws {
        let text = writer.text(of: type, in: .english, offersAll: true)
        let (plain, whole) = (try members(of: text), try members(of: Self.unmarked(text)))
        #expect(whole > plain)
    }

    @Test(arguments: MessageType.allCases)
    func `every member has a text in the language that was asked for`(type: MessageType) {
        let skeleton = writer.skeleton(of: type, offersAll: true)
        for entry in skeleton.header + skeleton.body {
            #expect(entry.guide.text.map { $0.english != $0.indonesian } == true, "\(entry.name)")
            #expect(entry.guide.privacy != nil, "\(entry.name)")
        }
    }

    @Test func `header members of other types are neither there nor offered`() {
        let names = writer.skeleton(of: .tip, offersAll: true).header.map(\.name)
        #expect(!names.contains("audience") && !names.contains("priority") && !names.contains("state"))
        #expect(writer.skeleton(of: .referral).header.map(\.name).contains("priority"))
    }

    @Test func `what depends on other members is offered, with its reason in both languages`() throws {
        let scan = try #require(writer.skeleton(of: .bulletin).body.first { $0.name == "identityScan" })
        #expect(scan.isOffered)
        #expect(scan.notes.map(\.english) == ["Required where audience is public."])
        #expect(scan.notes.map(\.indonesian) == ["Wajib bila audience berisi public."])
    }

    @Test func `a request is begun, and not the answer to one`() throws {
        let body = writer.skeleton(of: .recall, offersAll: true).body
        #expect(Set(body.filter { !$0.isOffered }.map(\.name)) == ["message", "reason", "asked", "breach"])
        #expect(try #require(body.first { $0.name == "answer" }).isOffered)
    }

    @Test func `the profile's agency, broker and region are filled in`() throws {
        let police = try TestNetwork.shared.get().police.id
        let writer = DraftWriter(catalogue: catalogue, agency: police, hub: police, now: .init(milliseconds: 0))
        let header = try #require(writer.json(of: .alert)["header"])
        #expect(header["sender"] == .string(police.description) && header["hub"] == header["sender"])
        #expect(header["region"] == "17.09")
        #expect(header["expires"] == "1970-01-02T00:00:00.000Z")
        #expect(header["status"] == "Test")
    }

    // MARK: Filling in

    private func filledByExamples(_ skeleton: Skeleton, _ type: MessageType) throws -> [JSON] {
        try Example.all(of: type.rawValue, valid: true).compactMap { example in
            guard let header = example.root["header"], let body = example.root["body"] else { return nil }
            var document: JSON = [
                "header": Skeleton.Node.object(skeleton.header).filled(from: header),
                "body": Skeleton.Node.object(skeleton.body).filled(from: body),
            ]
            let privacy = header["privacy"].map { JSON($0) } ?? .null
            document = document.putting(privacy, at: ["header", "privacy"])
            return check.faults(in: document.bytes).isEmpty ? document : nil
        }
    }

    private func members(of text: String) throws -> Int {
        let root = try JSONDocument(DraftComments.blanked(Array(text.utf8))).root
        return (root["header"]?.count ?? 0) + (root["body"]?.count ?? 0)
    }

    /// Takes the outermost mark from what starts with a name, and from the lines that belong to it.
    private static func unmarked(_ text: String) -> String {
        var indent: Int?
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let margin = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(margin)
            guard rest.hasPrefix("// ") else { return String(line) }
            let code = rest.dropFirst(3)
            let isOpened = code.hasPrefix("\"") && (code.hasSuffix("{") || code.hasSuffix("["))
            guard code.hasPrefix("\"") && code.contains("\":") || indent == margin else { return String(line) }
            if isOpened { indent = margin }
            if code.hasPrefix("}") || code.hasPrefix("]") { indent = nil }
            return String(repeating: " ", count: margin) + code
        }.joined(separator: "\n")
    }
}

extension Skeleton.Node {
    /// The value with an example's in every open place, and what the example has of what is offered.
    fileprivate func filled(from example: JSONValue?) -> JSON {
        switch self {
        case .value(let value): value
        case .open(let open): example.map { JSON($0) } ?? open
        case .object(let entries):
            .object(
                entries.compactMap { entry in
                    let value = example?[entry.name]
                    if entry.isOffered { return value.map { .init(entry.name, JSON($0)) } }
                    return .init(entry.name, entry.node.filled(from: value))
                })
        case .list(let node, _): .array([node.filled(from: example?.elements.first { _ in true })])
        }
    }
}

extension JSON {
    fileprivate func at(_ path: ArraySlice<String>) -> JSON? { path.reduce(Optional(self)) { $0?.child($1) } }
}
