/// Reads an event stream (WHATWG HTML §9.2.6) out of the octets that come in. It holds one event at the most; a line or
/// an event beyond the limit is an error. What ids and reconnection times the stream tells is passed over.
struct EventStreamParser: Sendable {
    /// One event.
    struct Event: Sendable, Equatable {
        /// Its type; `message` where the stream names none.
        var type: String
        /// Its data, the lines joined by LF.
        var data: [UInt8]
    }

    /// Why the octets are no event stream.
    enum Fault: Error, Sendable, Equatable {
        /// A line, or the data of an event, is longer than allowed.
        case tooLong
        /// The name of a type is no UTF-8.
        case notUTF8
    }

    private let limit: Int
    private var line: [UInt8] = []
    private var type = ""
    private var data: [UInt8]?
    private var isFirstLine = true
    private var isAfterCR = false

    /// - Parameter limit: octets of one line, and of the data of one event.
    init(limit: Int) { self.limit = limit }

    /// Takes the next octets.
    /// - Returns: the events that end in them. What is not ended by an empty line is no event.
    mutating func read(_ octets: [UInt8]) throws(Fault) -> [Event] {
        var events: [Event] = []
        var rest = octets[...]
        while !rest.isEmpty {
            if isAfterCR, rest.first == Self.lineFeed { rest.removeFirst() }
            isAfterCR = false
            guard let end = rest.firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn }) else {
                try append(rest)
                break
            }
            try append(rest[..<end])
            isAfterCR = rest[end] == Self.carriageReturn
            rest = rest[(end + 1)...]
            if let event = try endLine() { events.append(event) }
        }
        return events
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private mutating func append(_ octets: ArraySlice<UInt8>) throws(Fault) {
        guard line.count + octets.count <= limit else { throw .tooLong }
        line.append(contentsOf: octets)
    }

    private mutating func endLine() throws(Fault) -> Event? {
        defer { line.removeAll(keepingCapacity: line.capacity <= 4096) }
        var content = line[...]
        if isFirstLine, content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        isFirstLine = false
        guard let first = content.first else { return dispatch() }
        if first == UInt8(ascii: ":") { return nil }
        let name = content.prefix { $0 != UInt8(ascii: ":") }
        var value = content.dropFirst(name.count + 1)
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        try take(name, value)
        return nil
    }

    private mutating func take(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws(Fault) {
        if name.elementsEqual("data".utf8) {
            let count = data.map { $0.count + 1 } ?? 0
            guard count + value.count <= limit else { throw .tooLong }
            if data != nil { data?.append(Self.lineFeed) }
            data = (data ?? []) + value
        } else if name.elementsEqual("event".utf8) {
            guard let text = String(validating: value, as: UTF8.self) else { throw .notUTF8 }
            type = text
        }
    }

    private mutating func dispatch() -> Event? {
        defer { (type, data) = ("", nil) }
        return data.map { Event(type: type.isEmpty ? "message" : type, data: $0) }
    }
}
