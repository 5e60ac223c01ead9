internal import SimpulCore
internal import StrictJSON

/// The `x-privacy` classes of a schema, as a tree that follows the shape of the body.
///
/// A field without a class of its own counts as P4: what nobody has classified is not given away.
struct PrivacyMap: Sendable {
    private let root: PrivacyNode

    init(schema uri: String, in documents: [String: JSONValue]) {
        var builder = Builder(documents: documents)
        root = documents[uri].map { builder.node($0, of: uri, depth: 0) } ?? PrivacyNode()
    }

    /// The highest class among the members that a body has; of an empty body P0.
    func highest(in body: JSONValue) -> PrivacyClass {
        body.members.reduce(.p0) { highest, member in
            guard let node = root.members[member.name.string ?? ""] else { return .p4 }
            return max(highest, Self.highest(in: member.value, node))
        }
    }

    private static func highest(in value: JSONValue, _ node: PrivacyNode) -> PrivacyClass {
        var highest = node.ownClass ?? .p4
        switch value.kind {
        case .object:
            for member in value.members {
                let child = node.members[member.name.string ?? ""]
                highest = max(highest, child.map { Self.highest(in: member.value, $0) } ?? .p4)
            }
        case .array:
            for element in value.elements {
                for item in node.items { highest = max(highest, Self.highest(in: element, item)) }
            }
        default: break
        }
        return highest
    }

    private struct Builder {
        let documents: [String: JSONValue]
        /// Deeper than any document may nest, so a recursive schema ends here without a class being lost.
        let depthLimit = 34

        mutating func node(_ schema: JSONValue, of uri: String, depth: Int) -> PrivacyNode {
            var node = PrivacyNode(ownClass: schema["x-privacy"]?.string.flatMap(PrivacyClass.init))
            guard depth < depthLimit else { return node }
            for member in schema["properties"].map({ Array($0.members) }) ?? [] {
                node.merge(name: member.name.string ?? "", self.node(member.value, of: uri, depth: depth + 1))
            }
            if let items = schema["items"] {
                // An element has the class of its array unless it says more itself.
                var item = self.node(items, of: uri, depth: depth + 1)
                item.ownClass = item.ownClass ?? node.ownClass
                node.items.append(item)
            }
            for applied in appliedSchemas(of: schema, uri: uri) {
                node.merge(self.node(applied.schema, of: applied.uri, depth: depth + 1))
            }
            return node
        }

        /// The schemas that say more about the same value.
        private func appliedSchemas(of schema: JSONValue, uri: String) -> [(schema: JSONValue, uri: String)] {
            var applied: [(JSONValue, String)] = []
            if let reference = schema["$ref"]?.string, let target = resolve(reference, from: uri) {
                applied.append(target)
            }
            for keyword in ["allOf", "anyOf", "oneOf"] {
                for element in schema[keyword].map({ Array($0.elements) }) ?? [] { applied.append((element, uri)) }
            }
            for keyword in ["then", "else"] {
                if let branch = schema[keyword] { applied.append((branch, uri)) }
            }
            return applied
        }

        private func resolve(_ reference: String, from uri: String) -> (JSONValue, String)? {
            let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? uri : String(parts[0])
            guard let document = documents[target],
                let pointer = JSONPointer(parsing: parts.count == 2 ? String(parts[1]) : "")
            else { return nil }
            return document[pointer].map { ($0, target) }
        }
    }
}

private struct PrivacyNode: Sendable {
    var ownClass: PrivacyClass?
    var members: [String: PrivacyNode] = [:]
    var items: [PrivacyNode] = []

    mutating func merge(name: String, _ other: Self) {
        if var existing = members[name] {
            existing.merge(other)
            members[name] = existing
        } else {
            members[name] = other
        }
    }

    mutating func merge(_ other: Self) {
        if let theirs = other.ownClass { ownClass = max(ownClass ?? .p0, theirs) }
        for (name, node) in other.members { merge(name: name, node) }
        items += other.items
    }
}
