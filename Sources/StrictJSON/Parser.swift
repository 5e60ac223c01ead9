/// One pass over the bytes, without recursion: an open container's entry remembers the container around it.
struct Parser: ~Copyable {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private let limits: JSONLimits
    private let seed = NameHash.seed
    private var at = 0
    private var tape: TapeBuilder
    private var depth = 0
    /// The entry of the innermost open container; meaningless at depth 0.
    private var container = 0

    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> Tape {
        let entries = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            guard let base = buffer.baseAddress, buffer.count > 0 else { throw JSONError(.empty, at: 0, in: buffer) }
            guard buffer.count < Int(UInt32.max) else { throw JSONError(.tooLarge, at: 0, in: buffer) }
            var parser = Parser(buffer, base, limits)
            try parser.parse()
            return parser.finish()
        }
        return Tape(bytes: bytes, entries: entries)
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ base: UnsafePointer<UInt8>, _ limits: JSONLimits) {
        (self.bytes, self.base, self.limits) = (bytes, base, limits)
        end = bytes.count
        tape = TapeBuilder(capacity: bytes.count / 8 + 1)
    }

    private consuming func finish() -> UnsafeBufferPointer<TapeEntry> { tape.finish() }

    private mutating func parse() throws(JSONError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fault(.byteOrderMark, 0) }
        skipWhitespace()
        if at == end { throw fault(.empty, at) }
        repeat {
            let firstValueFollows = try value()
            if !firstValueFollows { try closeAndSeparate() }
        } while depth > 0
        skipWhitespace()
        if at < end { throw fault(.trailingText, at) }
    }

    /// Reads one scalar, or opens one container (an empty one is closed at once).
    /// - Returns: whether a container was opened whose first value follows here.
    private mutating func value() throws(JSONError) -> Bool {
        switch try peek() {
        case UInt8(ascii: "\""):
            let start = at + 1
            let isEscaped = try string()
            tape.append(isEscaped ? .escapedString : .plainString, start: start, length: at - 1 - start)
        case UInt8(ascii: "{"): return try openContainer(.object, close: UInt8(ascii: "}"))
        case UInt8(ascii: "["): return try openContainer(.array, close: UInt8(ascii: "]"))
        case UInt8(ascii: "t"): try word("true", .true)
        case UInt8(ascii: "f"): try word("false", .false)
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
        return false
    }

    private mutating func openContainer(_ kind: TapeEntry.Kind, close: UInt8) throws(JSONError) -> Bool {
        guard depth < limits.depth else { throw fault(.tooDeep, at) }
        depth += 1
        let outer = container
        container = tape.count
        tape.append(kind, start: at, length: 0, next: UInt32(outer))
        at += 1
        skipWhitespace()
        if try peek() == close {
            try closeContainer()
            return false
        }
        if kind == .object { try name() }
        return true
    }

    private mutating func closeContainer() throws(JSONError) {
        at += 1
        depth -= 1
        let closed = container
        let entry = tape.entries[closed]
        container = Int(entry.next)
        tape.entries[closed].length = UInt32(at) - entry.start
        tape.entries[closed].next = UInt32(tape.count)
        guard entry.kind == .object else { return }
        let names = DuplicateNames(entries: tape.entries, bytes: base)
        if let name = names.find(from: closed + 1, to: tape.count) {
            throw fault(.duplicateName, Int(tape.entries[name].start) - 1)
        }
    }

    /// After a value: closes as many containers as end here, then stops before the next value, if there is one.
    private mutating func closeAndSeparate() throws(JSONError) {
        while depth > 0 {
            skipWhitespace()
            let byte = try peek()
            let isObject = tape.entries[container].kind == .object
            if byte == UInt8(ascii: ",") {
                at += 1
                skipWhitespace()
                if isObject { try name() }
                return
            }
            guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw fault(.unexpectedByte, at) }
            try closeContainer()
        }
    }

    private mutating func name() throws(JSONError) {
        guard try peek() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte, at) }
        let start = at + 1
        let isEscaped = try string()
        let length = at - 1 - start
        if isEscaped {
            let octets = unescaped(UnsafeBufferPointer(start: base + start, count: length))
            tape.append(.escapedString, start: start, length: length, next: NameHash.hash(octets))
        } else {
            tape.append(
                .plainString, start: start, length: length, next: NameHash.hash(base + start, length, seed: seed))
        }
        skipWhitespace()
        guard try peek() == UInt8(ascii: ":") else { throw fault(.unexpectedByte, at) }
        at += 1
        skipWhitespace()
    }

    private mutating func word(_ word: StaticString, _ kind: TapeEntry.Kind) throws(JSONError) {
        let start = at
        for index in 0..<word.utf8CodeUnitCount {
            guard at < end else { throw fault(.unexpectedEnd, at) }
            guard base[at] == word.utf8Start[index] else { throw fault(.unexpectedByte, at) }
            at += 1
        }
        tape.append(kind, start: start, length: at - start)
    }

    // MARK: Strings

    /// Reads a string from its quotation mark to behind the closing one.
    /// - Returns: whether it holds an escape.
    private mutating func string() throws(JSONError) -> Bool {
        at += 1
        var isEscaped = false
        while true {
            skipPlain()
            guard at < end else { throw fault(.unexpectedEnd, at) }
            let byte = base[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                return isEscaped
            }
            switch byte {
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape()
            case 0..<0x20: throw fault(.controlCharacter, at)
            case 0x20..<0x80: at += 1
            default: try multibyteScalar()
            }
        }
    }

    /// Goes on by sixteen octets at a time while all of them are plain ASCII, then up to the first that is not; short of
    /// sixteen before the end it leaves the rest to its caller.
    @inline(__always)
    private mutating func skipPlain() {
        let raw = UnsafeRawPointer(base)
        while at + 16 <= end {
            let first = Self.plainOctets(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let second = Self.plainOctets(raw.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self))
            // One choice instead of two branches: where strings end is hard to predict.
            let plain = first == 8 ? 8 + second : first
            at += plain
            if plain < 16 { return }
        }
    }

    /// How many octets of a word in the order of the text are plain before the first that is not; 8 where all are.
    @inline(__always)
    private static func plainOctets(_ octets: UInt64) -> Int {
        let word = UInt64(littleEndian: octets)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ ones &* UInt64(UInt8(ascii: "\""))
        let backslash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        // Where a subtraction borrows, an octet of the word is smaller; octets behind it may be marked wrongly.
        let marks = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word
        return (marks & (ones &* 0x80)).trailingZeroBitCount >> 3
    }

    private mutating func escape() throws(JSONError) {
        let start = at
        at += 1
        guard at < end else { throw fault(.unexpectedEnd, at) }
        switch base[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            let unit = try hexUnit(start)
            if unit & 0xFC00 == 0xDC00 { throw fault(.loneSurrogate, start) }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard at + 1 < end, base[at] == UInt8(ascii: "\\"), base[at + 1] == UInt8(ascii: "u") else {
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
            guard at < end else { throw fault(.unexpectedEnd, at) }
            guard let digit = hexDigit(base[at]) else { throw fault(.invalidEscape, start) }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }

    /// RFC 3629 §4: shortest form only, no surrogates, nothing above U+10FFFF.
    private mutating func multibyteScalar() throws(JSONError) {
        let lead = base[at]
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
        guard at + following < end else { throw fault(.invalidUTF8, at) }
        guard second.contains(base[at + 1]) else { throw fault(.invalidUTF8, at) }
        for index in 2..<max(2, following + 1) where base[at + index] & 0xC0 != 0x80 {
            throw fault(.invalidUTF8, at)
        }
        at += following + 1
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) {
        let start = at
        let negative = base[at] == UInt8(ascii: "-")
        if negative { at += 1 }
        guard at < end else { throw fault(.unexpectedEnd, at) }
        guard isDigit(base[at]) else { throw fault(negative ? .invalidNumber : .unexpectedByte, start) }
        if base[at] == UInt8(ascii: "0") {
            at += 1
            if at < end, isDigit(base[at]) { throw fault(.invalidNumber, start) }
        } else {
            skipDigits()
        }
        var isInteger = true
        if at < end, base[at] == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            try requireDigits(start)
        }
        if at < end, base[at] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            at += 1
            if at < end, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") { at += 1 }
            try requireDigits(start)
        }
        if limits.numbers == .interoperable { try requireInteroperable(start, isInteger: isInteger) }
        tape.append(isInteger ? .integer : .decimal, start: start, length: at - start)
    }

    private func requireInteroperable(_ start: Int, isInteger: Bool) throws(JSONError) {
        // Fifteen digits and a sign are always within the range.
        if isInteger && at - start <= 15 { return }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        let greatest: Int64 = 9_007_199_254_740_991
        if isInteger {
            guard let value = Int64(text), value.magnitude <= greatest else { throw fault(.numberOutOfRange, start) }
        } else {
            guard let value = Double(text), value.magnitude <= Double(greatest) else {
                throw fault(.numberOutOfRange, start)
            }
            // What lies between the greatest and the next binary64 was rounded down.
            guard value.magnitude == Double(greatest) else { return }
            guard JSONNumber(Array(text.utf8)[...]).int?.magnitude == UInt(greatest) else {
                throw fault(.numberOutOfRange, start)
            }
        }
    }

    private mutating func requireDigits(_ start: Int) throws(JSONError) {
        guard at < end else { throw fault(.unexpectedEnd, at) }
        guard isDigit(base[at]) else { throw fault(.invalidNumber, start) }
        skipDigits()
    }

    private mutating func skipDigits() {
        while at < end, isDigit(base[at]) { at += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    // MARK: Small steps

    private func peek() throws(JSONError) -> UInt8 {
        guard at < end else { throw fault(.unexpectedEnd, at) }
        return base[at]
    }

    @inline(__always)
    private mutating func skipWhitespace() {
        while at < end, base[at] <= 0x20 {
            switch base[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
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
