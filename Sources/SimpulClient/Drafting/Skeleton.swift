internal import SimpulCore
internal import StrictJSON

/// A draft before it is filled in: every member that has to be there, and those that may be.
struct Skeleton {
    /// One member.
    struct Entry {
        var name: String
        var node: Node
        /// What the schemas say of it.
        var guide: ValueGuide
        /// What other members have to do with it.
        var notes: [LocalizedText]
        /// Whether it is only offered.
        var isOffered = false
    }

    /// The value of a member, or of an entry of a list.
    indirect enum Node {
        /// What is known.
        case value(JSON)
        /// What a person has to fill in: a value that no schema takes.
        case open(JSON)
        case object([Entry])
        case list(Node, ValueGuide)
    }

    var header: [Entry]
    var body: [Entry]

    /// The draft without what is only offered.
    var json: JSON {
        .object([.init("header", Node.object(header).json), .init("body", Node.object(body).json)])
    }

    /// Pointers to all that a person has to fill in.
    var openPlaces: [JSONPointer] {
        Node.object(header).openPlaces(at: JSONPointer(["header"]))
            + Node.object(body).openPlaces(at: JSONPointer(["body"]))
    }
}

extension Skeleton.Node {
    var json: JSON {
        switch self {
        case .value(let value), .open(let value): value
        case .object(let entries):
            .object(entries.filter { !$0.isOffered }.map { .init($0.name, $0.node.json) })
        case .list(let node, _): .array([node.json])
        }
    }

    var known: Known {
        switch self {
        case .value(let value): Known(value)
        case .open: .open
        case .object(let entries):
            .object(entries.filter { !$0.isOffered }.map { ($0.name, $0.node.known) })
        case .list(let node, _): .array([node.known])
        }
    }

    func openPlaces(at pointer: JSONPointer) -> [JSONPointer] {
        switch self {
        case .value: []
        case .open: [pointer]
        case .object(let entries):
            entries.filter { !$0.isOffered }.flatMap { $0.node.openPlaces(at: pointer.appending($0.name)) }
        case .list(let node, _): node.openPlaces(at: pointer.appending(0))
        }
    }
}

/// Builds skeletons from the schemas alone.
struct SkeletonBuilder {
    /// Objects and lists inside each other that are written out; the schemas nest less.
    private static let depth = 12
    /// Rounds in which members that are there make others required; each adds at least one.
    private static let rounds = 16

    /// Whether every optional member is offered, not only those that depend on another one.
    var offersAll = false

    /// The members of an object.
    /// - Parameter filled: what is known of it already.
    func entries(
        of guide: ValueGuide, filled: [(name: String, value: JSON)] = [], depth: Int = depth
    ) -> [Skeleton.Entry] {
        var nodes = Dictionary(
            filled.map { ($0.name, Skeleton.Node.value($0.value)) }, uniquingKeysWith: { first, _ in first })
        var view = guide.knowing(known(nodes))
        for _ in 0..<Self.rounds {
            let missing = missingNames(view, nodes)
            guard !missing.isEmpty else { break }
            for name in missing { nodes[name] = node(for: view.member(name), depth: depth - 1) }
            view = guide.knowing(known(nodes))
        }
        return ordered(view, nodes, depth)
    }

    private func known(_ nodes: [String: Skeleton.Node]) -> Known {
        .object(nodes.map { ($0.key, $0.value.known) })
    }

    private func missingNames(_ view: ValueGuide, _ nodes: [String: Skeleton.Node]) -> [String] {
        // What nothing else decides comes first: conditions are judged by it.
        let certain = view.certainlyRequired.filter { nodes[$0] == nil }
        guard certain.isEmpty else { return Array(certain) }
        var missing = view.required.filter { nodes[$0] == nil }
        for alternatives in view.memberAlternatives {
            let isMet = alternatives.contains { $0.allSatisfy { nodes[$0] != nil || missing.contains($0) } }
            if !isMet { missing.formUnion((alternatives.first ?? []).filter { nodes[$0] == nil }) }
        }
        // An object must not be valid before somebody has looked at it.
        if missing.isEmpty, nodes.isEmpty, let first = view.memberNames.first { return [first] }
        return Array(missing)
    }

    /// In the schemas' order, but what stands comes last, so that what is offered ends with a comma and fits when it is
    /// taken in.
    private func ordered(
        _ view: ValueGuide, _ nodes: [String: Skeleton.Node], _ depth: Int
    ) -> [Skeleton.Entry] {
        var entries: [Skeleton.Entry] = []
        for name in view.memberNames {
            let (guide, notes) = (view.member(name), view.notes(on: name))
            if let node = nodes[name] {
                entries.append(Skeleton.Entry(name: name, node: node, guide: guide, notes: notes))
            } else if offersAll || !notes.isEmpty, depth > 1 {
                entries.append(
                    Skeleton.Entry(
                        name: name, node: node(for: guide, depth: depth - 1), guide: guide, notes: notes,
                        isOffered: true))
            }
        }
        if let last = entries.lastIndex(where: { !$0.isOffered }) { entries.append(entries.remove(at: last)) }
        return entries
    }

    private func node(for guide: ValueGuide, depth: Int) -> Skeleton.Node {
        if let constant = guide.constant { return .value(constant) }
        if guide.codes != nil { return .open("") }
        switch guide.types.first {
        case "object" where depth > 0: return .object(entries(of: guide, depth: depth))
        case "array" where depth > 0:
            let items = guide.items()
            return .list(node(for: items, depth: depth - 1), items)
        case "integer", "number", "boolean": return .open(guide.types.contains("null") ? "" : .null)
        // Where any kind of value fits, an entry in a list that must be empty does not.
        case nil where guide.first("maxItems")?.int == 0: return .open([""])
        default: return .open("")
        }
    }
}
