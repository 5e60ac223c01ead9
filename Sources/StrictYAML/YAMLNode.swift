internal import Yams

/// A value of a YAML file that knows its place. Reading it as something that it is not gives nil and leaves a fault.
public struct YAMLNode {
    let node: Node
    let file: YAMLFile
    let faults: YAMLFaults

    /// Notes that something is wrong here. The text should not repeat the value.
    public func fault(_ text: String) {
        faults.add(YAMLFault(file: file.path, place: node.mark.map(YAMLFault.Place.init), text: text))
    }

    /// Reads a map.
    /// - Parameter body: takes what it knows; every key that it does not take becomes a fault.
    public func map<Value>(_ body: (YAMLMap) -> Value?) -> Value? {
        guard case .mapping(let mapping) = node else {
            fault("expected a map (key: value)")
            return nil
        }
        let map = YAMLMap(self, mapping)
        let value = body(map)
        map.refuseUnknownKeys()
        return value
    }

    /// Reads a list. Elements that cannot be read are passed over; each has left its fault.
    /// - Parameters:
    ///   - least: the fewest elements.
    ///   - limit: the most elements.
    public func list<Value>(
        atLeast least: Int = 0, atMost limit: Int, _ element: (YAMLNode) -> Value?
    ) -> [Value]? {
        guard case .sequence(let sequence) = node else {
            fault("expected a list")
            return nil
        }
        guard sequence.count >= least, sequence.count <= limit else {
            fault("expected \(least) to \(limit) elements")
            return nil
        }
        return sequence.compactMap { element(YAMLNode(node: $0, file: file, faults: faults)) }
    }

    /// Reads a text: not empty, and without control characters other than tab and line end.
    public func text() -> String? {
        guard case .scalar(let scalar) = node else {
            fault("expected one value, not a map or a list")
            return nil
        }
        guard !scalar.string.isEmpty, scalar.style != .plain || !["~", "null"].contains(scalar.string) else {
            fault("a value is missing")
            return nil
        }
        guard scalar.string.unicodeScalars.allSatisfy({ $0.value >= 32 || $0 == "\n" || $0 == "\t" }) else {
            fault("control characters are refused")
            return nil
        }
        return scalar.string
    }

    /// Reads a text as something.
    /// - Parameters:
    ///   - expected: what it should be, for the fault: "expected …".
    ///   - parse: gives nil for a text that is none.
    public func value<Value>(_ expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text() else { return nil }
        guard let value = parse(text) else {
            fault("expected \(expected)")
            return nil
        }
        return value
    }

    /// Reads a decimal integer within bounds.
    public func integer(in range: ClosedRange<Int>) -> Int? {
        value("a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) && String($0) == text ? $0 : nil }
        }
    }

    /// Reads `true` or `false`, and nothing that other readers take for them.
    public func boolean() -> Bool? {
        value("true or false") { ["true": true, "false": false][$0] }
    }

    /// Reads a path. A relative one starts in the folder of the file.
    public func path() -> String? {
        value("a path") { $0.contains("\n") ? nil : file.absolute($0) }
    }
}

/// A map of a YAML file, while it is read.
public final class YAMLMap {
    private let node: YAMLNode
    private let mapping: Node.Mapping
    private var taken: Set<String> = []

    init(_ node: YAMLNode, _ mapping: Node.Mapping) {
        self.node = node
        self.mapping = mapping
    }

    /// The value of a key that must be there.
    public func required(_ key: String) -> YAMLNode? {
        let value = optional(key)
        if value == nil { node.fault("the key \(key) is missing here") }
        return value
    }

    /// The value of a key that may be there.
    public func optional(_ key: String) -> YAMLNode? {
        taken.insert(key)
        return mapping.first { Self.text($0.key) == key }.map { wrapped($0.value) }
    }

    /// Every key and its value, in order; for maps whose keys are data.
    public var entries: [(key: String, at: YAMLNode, value: YAMLNode)] {
        mapping.compactMap { key, value in
            guard let text = Self.text(key) else { return nil }
            taken.insert(text)
            return (text, wrapped(key), wrapped(value))
        }
    }

    /// Notes that something is wrong with the map as a whole.
    public func fault(_ text: String) { node.fault(text) }

    func refuseUnknownKeys() {
        for (key, _) in mapping {
            guard let text = Self.text(key) else {
                wrapped(key).fault("a key must be one word")
                continue
            }
            guard !taken.contains(text), !RepeatedKeys.isRenamed(text) else { continue }
            let known = taken.sorted().joined(separator: ", ")
            wrapped(key).fault("this key is not known; known here: \(known)")
        }
    }

    private func wrapped(_ other: Node) -> YAMLNode { YAMLNode(node: other, file: node.file, faults: node.faults) }

    private static func text(_ key: Node) -> String? {
        guard case .scalar(let scalar) = key else { return nil }
        return scalar.string
    }
}
