/// One pass over the bytes, an explicit stack of open containers, no recursion.
struct Parser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var at = 0
    private var entries: [Entry] = []
    private var open: [Container] = []
    private var names: [Name] = []

    private struct Container {
        var entry: Int
        var firstName: Int
        var isObject: Bool
    }

    private struct Name {
        var start: Int
        var end: Int
        var escaped: Bool
    }

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
        entries.reserveCapacity(bytes.count / 8 + 1)
    }

    mutating func parse() throws(JSONError) -> Tape {
        guard bytes.count < Int(UInt32.max) else { throw fault(.tooLarge, 0) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fault(.byteOrderMark, 0) }
        skipWhitespace()
        if at == bytes.count { throw fault(.empty, at) }
        repeat {
            let firstValueFollows = try value()
            if !firstValueFollows { try closeAndSeparate() }
        } while !open.isEmpty
        skipWhitespace()
        if at < bytes.count { throw fault(.trailingText, at) }
        return Tape(bytes: bytes, entries: entries)
    }

    /// Reads one scalar, or opens one container (an empty one is closed at once).
    /// - Returns: whether a container was opened whose first value follows here.
    private mutating func value() throws(JSONError) -> Bool {
        switch try peek() {
        case UInt8(ascii: "{"): return try openContainer(isObject: true, close: UInt8(ascii: "}"))
        case UInt8(ascii: "["): return try openContainer(isObject: false, close: UInt8(ascii: "]"))
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true", .true)
        case UInt8(ascii: "f"): try word("false", .false)
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
        return false
    }

    private mutating func openContainer(isObject: Bool, close: UInt8) throws(JSONError) -> Bool {
        guard open.count < limits.depth else { throw fault(.tooDeep, at) }
        open.append(Container(entry: entries.count, firstName: names.count, isObject: isObject))
        append(isObject ? .object : .array, start: at, length: 0)
        at += 1
        skipWhitespace()
        if try peek() == close {
            try closeContainer()
            return false
        }
        if isObject { try name() }
        return true
    }

    private mutating func closeContainer() throws(JSONError) {
        let container = open.removeLast()
        at += 1
        entries[container.entry].length = UInt32(at - Int(entries[container.entry].start))
        entries[container.entry].next = UInt32(entries.count)
        if container.isObject {
            try refuseDuplicateNames(from: container.firstName)
            names.removeSubrange(container.firstName...)
        }
    }

    /// After a value: closes as many containers as end here, then stops before the next value, if there is one.
    private mutating func closeAndSeparate() throws(JSONError) {
        while let container = open.last {
            skipWhitespace()
            let byte = try peek()
            if byte == UInt8(ascii: ",") {
                at += 1
                skipWhitespace()
                if container.isObject { try name() }
                return
            }
            guard byte == (container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw fault(.unexpectedByte, at)
            }
            try closeContainer()
        }
    }

    private mutating func name() throws(JSONError) {
        guard try peek() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte, at) }
        names.append(try string())
        skipWhitespace()
        guard try peek() == UInt8(ascii: ":") else { throw fault(.unexpectedByte, at) }
        at += 1
        skipWhitespace()
    }

    private mutating func word(_ word: StaticString, _ kind: Entry.Kind) throws(JSONError) {
        let start = at
        for index in 0..<word.utf8CodeUnitCount {
            guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
            guard bytes[at] == word.utf8Start[index] else { throw fault(.unexpectedByte, at) }
            at += 1
        }
        append(kind, start: start, length: at - start)
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> Name {
        at += 1
        let start = at
        var escaped = false
        while true {
            guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                append(escaped ? .escapedString : .plainString, start: start, length: at - start)
                at += 1
                return Name(start: start, end: at - 1, escaped: escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                try escape()
            case 0..<0x20: throw fault(.controlCharacter, at)
            case 0x20..<0x80: at += 1
            default: try multibyteScalar()
            }
        }
    }

    private mutating func escape() throws(JSONError) {
        let start = at
        at += 1
        guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
        switch bytes[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            let unit = try hexUnit(start)
            if unit & 0xFC00 == 0xDC00 { throw fault(.loneSurrogate, start) }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
                throw fault(.loneSurrogate, start)
            }
            at += 1
            guard try hexUnit(start) & 0xFC00 == 0xDC00 else { throw fault(.loneSurrogate, start) }
        default: throw fault(.invalidEscape, start)
        }
    }

    /// Reads `uXXXX`; the position is on the `u`.
    private mutating func hexUnit(_ start: Int) throws(JSONError) -> UInt16 {
        at += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
            guard let digit = hexDigit(bytes[at]) else { throw fault(.invalidEscape, start) }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }

    /// RFC 3629 §4: shortest form only, no surrogates, nothing above U+10FFFF.
    private mutating func multibyteScalar() throws(JSONError) {
        let lead = bytes[at]
        let following: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: following = 1
        case 0xE0: (following, second) = (2, 0xA0...0xBF)
        case 0xED: (following, second) = (2, 0x80...0x9F)
        case 0xE1...0xEF: following = 2
        case 0xF0: (following, second) = (3, 0x90...0xBF)
        case 0xF4: (following, second) = (3, 0x80...0x8F)
        case 0xF1...0xF3: following = 3
        default: throw fault(.invalidUTF8, at)
        }
        guard at + following < bytes.count else { throw fault(.invalidUTF8, at) }
        guard second.contains(bytes[at + 1]) else { throw fault(.invalidUTF8, at) }
        for index in 2..<max(2, following + 1) where bytes[at + index] & 0xC0 != 0x80 {
            throw fault(.invalidUTF8, at)
        }
        at += following + 1
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) {
        let start = at
        let negative = bytes[at] == UInt8(ascii: "-")
        if negative { at += 1 }
        guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
        guard isDigit(bytes[at]) else { throw fault(negative ? .invalidNumber : .unexpectedByte, start) }
        if bytes[at] == UInt8(ascii: "0") {
            at += 1
            if at < bytes.count, isDigit(bytes[at]) { throw fault(.invalidNumber, start) }
        } else {
            skipDigits()
        }
        var isInteger = true
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            try requireDigits(start)
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            try requireDigits(start)
        }
        if limits.numbers == .interoperable { try requireInteroperable(start, isInteger: isInteger) }
        append(isInteger ? .integer : .decimal, start: start, length: at - start)
    }

    private func requireInteroperable(_ start: Int, isInteger: Bool) throws(JSONError) {
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isInteger {
            guard let value = Int64(text), value.magnitude <= 9_007_199_254_740_991 else {
                throw fault(.numberOutOfRange, start)
            }
        } else {
            guard let value = Double(text), value.magnitude <= 9_007_199_254_740_991 else {
                throw fault(.numberOutOfRange, start)
            }
        }
    }

    private mutating func requireDigits(_ start: Int) throws(JSONError) {
        guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
        guard isDigit(bytes[at]) else { throw fault(.invalidNumber, start) }
        skipDigits()
    }

    private mutating func skipDigits() {
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    // MARK: Names

    /// Few names are compared pair by pair; many through a set, whose hashing is seeded, so no text makes it slow.
    private func refuseDuplicateNames(from first: Int) throws(JSONError) {
        let own = names[first...]
        if own.count <= 8 && !own.contains(where: \.escaped) {
            for index in own.indices {
                for earlier in own.startIndex..<index where sameBytes(own[earlier], own[index]) {
                    throw fault(.duplicateName, own[index].start - 1)
                }
            }
            return
        }
        var seen = Set<[UInt8]>(minimumCapacity: own.count)
        for name in own {
            let raw = bytes[name.start..<name.end]
            guard seen.insert(name.escaped ? unescaped(raw) : Array(raw)).inserted else {
                throw fault(.duplicateName, name.start - 1)
            }
        }
    }

    private func sameBytes(_ one: Name, _ other: Name) -> Bool {
        one.end - one.start == other.end - other.start
            && bytes[one.start..<one.end].elementsEqual(bytes[other.start..<other.end])
    }

    // MARK: Small steps

    private func peek() throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw fault(.unexpectedEnd, at) }
        return bytes[at]
    }

    private mutating func skipWhitespace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    private mutating func append(_ kind: Entry.Kind, start: Int, length: Int) {
        entries.append(Entry(kind: kind, start: UInt32(start), length: UInt32(length), next: 0))
    }

    private func fault(_ code: JSONError.Code, _ offset: Int) -> JSONError { JSONError(code, at: offset, in: bytes) }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
