/// A value inside a ``JSONDocument``: a cursor, cheap to copy, that keeps its document alive.
public struct JSONValue: Sendable {
    /// The tape of the document.
    public let tape: Tape
    /// The value's entry on the tape.
    public let index: Int

    /// The value with an entry, which must be one of the tape and no name's.
    public init(tape: Tape, index: Int) {
        self.tape = tape
        self.index = index
    }

    /// The six kinds of RFC 8259 §3.
    public enum Kind: String, Sendable {
        case null, boolean, number, string, array, object
    }

    /// The value's entry.
    public var entry: TapeEntry { tape.entries[index] }

    /// What kind of value this is.
    public var kind: Kind {
        switch entry.kind {
        case .null: .null
        case .true, .false: .boolean
        case .integer, .decimal: .number
        case .plainString, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { entry.kind == .null }

    /// The truth value, or nil for every other kind.
    public var bool: Bool? {
        switch entry.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The string, unescaped, or nil for every other kind.
    public var string: String? { utf8.map { String(decoding: $0, as: UTF8.self) } }

    /// The string's UTF-8 octets, unescaped, or nil for every other kind.
    public var utf8: [UInt8]? {
        switch entry.kind {
        case .plainString: Array(source)
        case .escapedString: unescaped(source)
        default: nil
        }
    }

    /// Whether this is exactly that string, octet by octet (no Unicode normalisation, no allocation where nothing is
    /// escaped).
    public func isString(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isString($0) }
    }

    private func isString(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch entry.kind {
        case .plainString: Int(entry.length) == text.count && source.elementsEqual(text)
        case .escapedString: unescaped(source).elementsEqual(text)
        default: false
        }
    }

    /// The number as it was written, or nil for every other kind.
    public var number: JSONNumber? {
        entry.kind == .integer || entry.kind == .decimal ? JSONNumber(source) : nil
    }

    /// The integer, or nil for every other kind, for a fraction, and outside `Int`. `1.0` and `1e2` are integers.
    public var int: Int? {
        switch entry.kind {
        case .integer: Int(String(decoding: source, as: UTF8.self))
        case .decimal: number?.int
        default: nil
        }
    }

    /// The octets of the text that make this value up; a string's without its quotation marks.
    public var source: ArraySlice<UInt8> {
        let entry = entry
        return tape.bytes[Int(entry.start)..<Int(entry.start) + Int(entry.length)]
    }

    /// Offset of the value's first byte in its text (of a string: of its quotation mark).
    public var offset: Int {
        switch entry.kind {
        case .plainString, .escapedString: Int(entry.start) - 1
        default: Int(entry.start)
        }
    }

    /// The member with that name (compared octet by octet), or nil where there is none or this is no object.
    public subscript(_ name: String) -> JSONValue? {
        guard entry.kind == .object else { return nil }
        var name = name
        return name.withUTF8 { name in
            // Over the entries alone: a cursor for each member would count references to the tape.
            let (hash, entries) = (NameHash.hash(name), tape.entries)
            var at = index + 1
            let end = Int(entries[index].next)
            while at < end {
                if entries[at].next == hash, JSONValue(tape: tape, index: at).isString(name) {
                    return JSONValue(tape: tape, index: at + 1)
                }
                at = entries[at + 1].isContainer ? Int(entries[at + 1].next) : at + 2
            }
            return nil
        }
    }

    /// The elements of an array; of every other kind none.
    public var elements: JSONElements { JSONElements(of: self) }

    /// The members of an object in the order of the text; of every other kind none.
    public var members: JSONMembers { JSONMembers(of: self) }

    /// How many elements or members there are.
    public var count: Int {
        switch entry.kind {
        case .array: elements.reduce(0) { sum, _ in sum + 1 }
        case .object: members.reduce(0) { sum, _ in sum + 1 }
        default: 0
        }
    }

    /// The value that a pointer names, or nil where there is none (RFC 6901).
    public subscript(_ pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            guard let next = value.child(token) else { return nil }
            value = next
        }
        return value
    }

    private func child(_ token: String) -> JSONValue? {
        switch kind {
        case .object: self[token]
        case .array: JSONPointer.arrayIndex(token).flatMap { elements.dropFirst($0).first { _ in true } }
        default: nil
        }
    }
}

extension JSONValue: Equatable {
    /// JSON Schema's equality: numbers by mathematical value, strings by code points, objects without order.
    public static func == (one: JSONValue, other: JSONValue) -> Bool {
        guard one.kind == other.kind else { return false }
        switch one.kind {
        case .null: return true
        case .boolean: return one.entry.kind == other.entry.kind
        case .number: return one.number == other.number
        case .string:
            if one.entry.kind == .plainString, other.entry.kind == .plainString {
                return one.source.elementsEqual(other.source)
            }
            return one.utf8 == other.utf8
        case .array: return one.elements.elementsEqual(other.elements)
        case .object:
            let count = one.count
            guard count == other.count else { return false }
            if count > 8 {
                let byName = Dictionary(other.members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
                return one.members.allSatisfy { byName[$0.name] == $0.value }
            }
            return one.members.allSatisfy { member in
                other.members.contains { $0.name == member.name && $0.value == member.value }
            }
        }
    }
}

extension JSONValue: Hashable {
    /// Feeds what ``==(_:_:)`` compares; equal values hash alike however they are written.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        switch kind {
        case .null: break
        case .boolean: hasher.combine(bool)
        case .number: if let int { hasher.combine(int) } else { hasher.combine(number?.normalised) }
        case .string:
            if entry.kind == .plainString {
                source.withUnsafeBytes { hasher.combine(bytes: $0) }
            } else {
                unescaped(source).withUnsafeBytes { hasher.combine(bytes: $0) }
            }
        case .array: for element in elements { hasher.combine(element) }
        case .object: hasher.combine(members.reduce(0) { $0 &+ [$1.name, $1.value].hashValue })
        }
    }
}

/// The elements of an array, in order.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private let tape: Tape
    private var at: Int
    private let end: Int

    init(of value: JSONValue) {
        tape = value.tape
        at = value.index + 1
        end = value.entry.kind == .array ? Int(value.entry.next) : at
    }

    /// The next element.
    public mutating func next() -> JSONValue? {
        guard at < end else { return nil }
        defer { at = tape.index(after: at) }
        return JSONValue(tape: tape, index: at)
    }
}

/// A member of an object.
public struct JSONMember: Sendable {
    /// The name, a value of kind string.
    public let name: JSONValue
    /// The value.
    public let value: JSONValue
}

/// The members of an object, in the order of the text.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private let tape: Tape
    private var at: Int
    private let end: Int

    init(of value: JSONValue) {
        tape = value.tape
        at = value.index + 1
        end = value.entry.kind == .object ? Int(value.entry.next) : at
    }

    /// The next member.
    public mutating func next() -> JSONMember? {
        guard at < end else { return nil }
        let member = JSONMember(
            name: JSONValue(tape: tape, index: at), value: JSONValue(tape: tape, index: at + 1))
        at = tape.index(after: at + 1)
        return member
    }
}
