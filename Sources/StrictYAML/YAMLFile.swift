internal import Yams

/// One YAML 1.1 file with a map at its root, read strictly: a repeated key, an alias, a second document and anything
/// that is not UTF-8 are faults. Nesting is bounded by the parser (1000 levels), size by the caller.
public struct YAMLFile: Sendable {
    /// The path as the caller gave it; it stands in every fault, and relative paths inside the file start in its folder.
    public let path: String
    /// The file's octets.
    public let bytes: [UInt8]

    /// A file that was read already.
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Reads a file of at most so many octets; nil, and a fault, where that fails.
    public init?(reading path: String, atMost limit: Int, into faults: YAMLFaults) {
        do {
            self.init(path: path, bytes: try BoundedFile.read(path, atMost: limit))
        } catch {
            faults.add(YAMLFault(file: path, text: error.rawValue))
            return nil
        }
    }

    /// Reads the map at the root.
    /// - Parameter body: takes what it knows from the map; every key that it does not take becomes a fault.
    /// - Returns: what `body` returns; nil where the file is no YAML.
    public func read<Value>(into faults: YAMLFaults, _ body: (YAMLMap) -> Value?) -> Value? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            faults.add(YAMLFault(file: path, text: "it is not UTF-8"))
            return nil
        }
        if let place = Self.firstAlias(in: text) {
            faults.add(YAMLFault(file: path, place: place, text: "aliases are refused; write the value out"))
            return nil
        }
        guard let root = compose(text, faults) else { return nil }
        return YAMLNode(node: root, file: self, faults: faults).map(body)
    }

    func absolute(_ relative: String) -> String {
        guard !relative.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return relative }
        return path[...slash] + relative
    }

    /// The tree of the text. The parser stops at a repeated key: it is noted, renamed, and the parser asked again.
    private func compose(_ original: String, _ faults: YAMLFaults) -> Node? {
        var text = original
        for attempt in 0..<RepeatedKeys.limit {
            do {
                let parser = try Parser(yaml: text, encoding: .utf8)
                guard let node = try parser.singleRoot() else {
                    faults.add(YAMLFault(file: path, text: "it is empty"))
                    return nil
                }
                return node
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                let place = YAMLFault.Place(context.mark)
                faults.add(YAMLFault(file: path, place: place, text: "this key occurs again in the same map"))
                guard RepeatedKeys.rename(at: place, in: &text, attempt) else { return nil }
            } catch {
                faults.add(fault(for: error, in: text))
                return nil
            }
        }
        return nil
    }

    private func fault(for error: any Error, in text: String) -> YAMLFault {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            YAMLFault(file: path, place: YAMLFault.Place(mark), text: "this is not YAML: \(problem)")
        case .reader(let problem, let offset, _, _):
            YAMLFault(
                file: path, place: offset.map { Self.place(of: $0, in: text) }, text: "this is not YAML: \(problem)")
        default: YAMLFault(file: path, text: "this is not YAML")
        }
    }

    private static func place(of offset: Int, in text: String) -> YAMLFault.Place {
        let before = text.utf8.prefix(offset)
        let lines = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let column = (lines.last ?? before).count(where: { $0 & 0xC0 != 0x80 })
        return YAMLFault.Place(line: lines.count, column: column + 1)
    }

    /// Where an alias (`*name`) stands whose anchor (`&name`) stands somewhere too. Found before the parser runs,
    /// because aliases make small files cost any amount of time.
    private static func firstAlias(in text: String) -> YAMLFault.Place? {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "&")), bytes.contains(UInt8(ascii: "*")) else { return nil }
        func name(after index: Int) -> ArraySlice<UInt8> {
            bytes[(index + 1)...].prefix { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            }
        }
        let anchors = Set(bytes.indices.filter { bytes[$0] == UInt8(ascii: "&") }.map(name).filter { !$0.isEmpty })
        return bytes.indices.first { bytes[$0] == UInt8(ascii: "*") && anchors.contains(name(after: $0)) }
            .map { place(of: $0, in: text) }
    }
}

extension YAMLFault.Place {
    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
