internal import Glibc
internal import JSONSchema
internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// Checks files against any schema of JSON Schema draft 2020-12. What the schema refers to is given with it: nothing is
/// fetched from a network, and no other file is opened.
public struct SchemaCheck: Sendable {
    /// Octets of a schema, or of another document with one. Costs as many in memory, the tape that `JSONLimits` tells of,
    /// and what is compiled from it.
    public static let schemaOctets = 16 * 1024 * 1024
    /// Octets of a file that is checked. Costs as many in memory, and the tape that `JSONLimits` tells of.
    public static let fileOctets = 64 * 1024 * 1024
    /// Violations that are listed of one file: some hundred octets each, and as much again for those of alternatives.
    public static let mostViolations = 10_000

    private let schema: CompiledSchema
    private let violations: Int

    /// Reads and compiles a schema. Each document has the `file:` URI of its absolute path, and its own `$id`.
    /// - Parameters:
    ///   - file: the schema (`-` is the standard input).
    ///   - resources: files with other documents that it may refer to.
    ///   - assertsFormats: whether `format` decides about validity; formats that are unknown never do.
    ///   - violations: the most violations that are listed of one file.
    /// - Throws: ``ClientError`` that is ``ClientError/Outcome/unable``, with the place of the fault.
    public init(
        schema file: String, resources: [String] = [], assertsFormats: Bool = false,
        violations: Int = mostViolations
    ) throws(ClientError) {
        let documents = try (resources + [file]).map { name throws(ClientError) in
            (uri: Self.uri(of: name), document: try Self.document(name))
        }
        do {
            var registry = try SchemaRegistry.draft202012()
            for (uri, document) in documents { try registry.add(document, uri: uri) }
            schema = try registry.compile(
                Self.uri(of: file), formats: assertsFormats ? .assertionWhereKnown : .annotation)
        } catch {
            throw Self.faulty(error)
        }
        self.violations = violations
    }

    /// Checks a file (`-` is the standard input).
    public func check(_ file: String) -> CheckedFile {
        do throws(FileError) {
            let bytes = try FileAccess.read(file, limit: Self.fileOctets)
            do throws(JSONError) {
                return check(file, try JSONDocument(bytes).root)
            } catch {
                return CheckedFile(file, unable: error)
            }
        } catch {
            return CheckedFile(file, unable: error)
        }
    }

    private func check(_ file: String, _ instance: JSONValue) -> CheckedFile {
        if schema.isValid(instance) { return CheckedFile(file, .valid) }
        // One more than is listed tells whether there is more.
        let found = schema.violations(in: instance, limit: violations + 1)
        let listed = found.prefix(violations).map { violation in
            CheckedFile.Found(
                fault: DocumentFault(violation), schemaLocation: violation.keywordLocation.description)
        }
        return CheckedFile(file, .invalid, listed, isCut: found.count > listed.count)
    }

    private static func faulty(_ error: SchemaError) -> ClientError {
        var detail = LocalizedText("\(error)", "\(error)")
        if error.code == .unresolvedReference {
            detail.english += "; a document that is referred to has to be given too (--resource)"
            detail.indonesian += "; dokumen yang dirujuk harus diberikan juga (--resource)"
        }
        return ClientError(.unable, "schema-faulty", detail)
    }

    private static func document(_ file: String) throws(ClientError) -> JSONDocument {
        let bytes: [UInt8]
        do {
            bytes = try FileAccess.read(file, limit: schemaOctets)
        } catch {
            throw ClientError(error)
        }
        do {
            return try JSONDocument(bytes)
        } catch {
            throw ClientError(.unable, "json-invalid", LocalizedText("\(file): \(error)", "\(file): \(error)"))
        }
    }

    /// The `file:` URI of a path (RFC 8089 §2), without `.` and `..`, so that a relative reference names a neighbour.
    static func uri(of path: String) -> String {
        if path == "-" { return "file:///dev/stdin" }
        var segments: [Substring.UTF8View] = []
        for segment in absolute(path).utf8.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else if !segment.elementsEqual(".".utf8) {
                segments.append(segment)
            }
        }
        return "file:///" + segments.map(escaped).joined(separator: "/")
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    /// Percent escapes for all but RFC 3986's unreserved characters (§2.3).
    private static func escaped(_ segment: Substring.UTF8View) -> String {
        var text = ""
        for octet in segment {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(octet))
            default:
                let hex = String(octet, radix: 16, uppercase: true)
                text += hex.count == 1 ? "%0" + hex : "%" + hex
            }
        }
        return text
    }
}
