import StrictJSON

/// Turns one schema, and all that it refers to, into a program. Every subschema on the way is compiled, so that a
/// fault is found also where no instance would ever lead.
struct Compiler {
    let index: SchemaIndex
    let formats: FormatMode
    private var nodes: [SchemaNode] = []
    private var locations: [SchemaLocation] = []
    private var nodeByPlace: [SchemaLocation.Key: Int] = [:]
    private var dynamicNames: [String] = []
    private var vocabularies: [Int: Vocabulary] = [:]

    init(index: SchemaIndex, formats: FormatMode) {
        self.index = index
        self.formats = formats
    }

    mutating func compile(_ root: SchemaLocation) throws(SchemaError) -> SchemaProgram {
        _ = node(for: root)
        var built = 0
        while built < locations.count {
            while built < locations.count {
                nodes[built] = try build(locations[built])
                built += 1
            }
            let resources = Set(locations.map(\.resource))
            for name in dynamicNames { _ = targets(of: name, in: resources) }
        }
        try refuseEndlessReferences()
        let resources = Set(locations.map(\.resource))
        return SchemaProgram(nodes: nodes, root: 0, dynamicTargets: dynamicNames.map { targets(of: $0, in: resources) })
    }

    /// The index of a schema's node, which is built later if it is new.
    mutating func node(for location: SchemaLocation) -> Int {
        let settled = index.settled(location)
        if let known = nodeByPlace[settled.key] { return known }
        nodeByPlace[settled.key] = locations.count
        locations.append(settled)
        nodes.append(SchemaNode(resource: settled.resource, place: index.place(of: settled)))
        return locations.count - 1
    }

    mutating func dynamicName(_ name: String) -> Int {
        if let known = dynamicNames.firstIndex(of: name) { return known }
        dynamicNames.append(name)
        return dynamicNames.count - 1
    }

    /// Where a dynamic anchor leads from each resource that takes part.
    private mutating func targets(of name: String, in resources: Set<Int>) -> [Int: Int] {
        var targets: [Int: Int] = [:]
        for resource in resources {
            guard let anchor = index.resources[resource].dynamicAnchors[name] else { continue }
            targets[resource] = node(for: anchor)
        }
        return targets
    }

    // MARK: One schema

    private mutating func build(_ location: SchemaLocation) throws(SchemaError) -> SchemaNode {
        let place = index.place(of: location)
        if let verdict = location.value.bool {
            return SchemaNode(resource: location.resource, place: place, verdict: verdict)
        }
        guard location.value.kind == .object else {
            throw index.fault(.invalidKeyword, location, "a schema is an object or a boolean")
        }
        let known = try vocabulary(of: location)
        var schema = SchemaReader(location: location, index: index)
        for child in Subschemas.all(of: location, in: known) { _ = node(for: child) }
        try schema.checkShapes(known)
        if known.contains(.validation) {
            try compileAssertions(&schema)
            try compileSizes(&schema)
        }
        try compileFormat(&schema, known)
        try compileObject(&schema, known)
        if known.contains(.applicator) {
            try compileArray(&schema, known)
            try compileLogic(&schema)
        }
        try compileReferences(&schema)
        if known.contains(.unevaluated) { compileUnevaluated(&schema) }
        return SchemaNode(
            resource: location.resource, place: place, rules: schema.rules,
            tracksEvaluation: schema.tracksEvaluation)
    }

    private mutating func vocabulary(of location: SchemaLocation) throws(SchemaError) -> Vocabulary {
        if let known = vocabularies[location.resource] { return known }
        let vocabulary = try Vocabulary(of: location.resource, index: index)
        vocabularies[location.resource] = vocabulary
        return vocabulary
    }

    // MARK: Endless references

    /// Depth first over the edges that stay on the same value; a way back into the path would never end.
    private func refuseEndlessReferences() throws(SchemaError) {
        var isDone = Array(repeating: false, count: nodes.count)
        var isOpen = isDone
        for start in nodes.indices where !isDone[start] {
            var path = [(node: start, rest: inPlace(start))]
            isOpen[start] = true
            while let last = path.indices.last {
                guard let next = path[last].rest.popLast() else {
                    isDone[path[last].node] = true
                    isOpen[path[last].node] = false
                    path.removeLast()
                    continue
                }
                if isOpen[next] {
                    throw index.fault(.endlessReference, locations[next], "references lead back here without end")
                }
                if !isDone[next] {
                    isOpen[next] = true
                    path.append((next, inPlace(next)))
                }
            }
        }
    }

    private func inPlace(_ node: Int) -> [Int] { nodes[node].rules.flatMap(\.check.inPlace) }
}
