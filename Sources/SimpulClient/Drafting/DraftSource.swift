public import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// A message as a person has written it: a file, and where in it each member stands.
public struct DraftSource: Sendable {
    /// The file as it was named; `-` is the standard input.
    public let file: String
    /// The document, where there were comments with spaces in their place.
    public let bytes: [UInt8]
    private let document: JSONDocument?
    private let error: JSONError?

    /// Reads a file. Where its name ends in `.jsonc`, comments are blanked ([DraftComments]).
    /// - Throws: ``FileError`` where it cannot be read or has more octets than the limit.
    public init(file: String, limit: Int) throws(FileError) {
        self.init(file: file, bytes: try FileAccess.read(file, limit: limit))
    }

    /// A file with that content.
    public init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = file.hasSuffix(DraftComments.suffix) ? DraftComments.blanked(bytes) : bytes
        do throws(JSONError) {
            document = try JSONDocument(self.bytes)
            error = nil
        } catch {
            document = nil
            self.error = error
        }
    }

    /// Why it is no JSON at all, with the place; nil where it is.
    public var jsonFault: CheckedFile.Found? {
        guard let error else { return nil }
        var text = JSONFaultText.text(for: error.code).sentence
        let isSlash = bytes.indices.contains(error.offset) && bytes[error.offset] == UInt8(ascii: "/")
        if [.unexpectedByte, .trailingText].contains(error.code), isSlash, !file.hasSuffix(DraftComments.suffix) {
            text = text + Self.commentHint
        }
        return CheckedFile.Found(
            fault: DocumentFault(pointer: "", keyword: ErrorCode.jsonInvalid.rawValue, detail: text),
            place: FilePlace(line: error.line, column: error.column))
    }

    private static let commentHint = LocalizedText(
        " Comments are taken in files whose name ends in .jsonc.",
        " Komentar diterima dalam berkas yang namanya berakhir dengan .jsonc.")

    /// The type that its header names; nil where there is none that is known.
    var type: MessageType? { document?.root["header"]?["type"]?.string.flatMap(MessageType.init) }

    /// Line and column (in octets, both from one) of what a pointer names: of a member that may not stand there its name,
    /// else its value; of what is absent the nearest value around it. Nil where the file is no JSON.
    func place(of fault: DocumentFault) -> FilePlace? {
        guard let document, let pointer = JSONPointer(parsing: fault.pointer) else { return nil }
        var (value, offset) = (document.root, document.root.offset)
        for (depth, token) in pointer.tokens.enumerated() {
            guard let next = value[JSONPointer([token])] else { break }
            let isLast = depth == pointer.tokens.count - 1
            offset = next.offset
            if isLast, Self.refusals.contains(fault.keyword) { offset = Self.name(token, in: value) ?? offset }
            value = next
        }
        let place = document.position(of: offset)
        return FilePlace(line: place.line, column: place.column)
    }

    /// Keywords that refuse a member for its name.
    private static let refusals: Set = ["additionalProperties", "properties"]

    private static func name(_ name: String, in object: JSONValue) -> Int? {
        object.members.first { $0.name.isString(name) }?.name.offset
    }

    /// Faults with their places in the file, in the file's order, and the texts of the members that they are about.
    public func found(_ faults: [DocumentFault], guide: SchemaGuide) -> [CheckedFile.Found] {
        faults.map { fault in
            let text = JSONPointer(parsing: fault.pointer).flatMap { guide.text(at: $0, type: type) }
            return CheckedFile.Found(fault: fault, place: place(of: fault), member: text)
        }.sorted { ($0.place?.line ?? 0, $0.place?.column ?? 0) < ($1.place?.line ?? 0, $1.place?.column ?? 0) }
    }
}

/// A place in a file: line and column, in octets, both from one.
public struct FilePlace: Sendable, Equatable {
    /// The line; lines end with LF.
    public var line: Int
    /// The column.
    public var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
