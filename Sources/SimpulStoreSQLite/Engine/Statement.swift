internal import CSQLite
internal import SimpulBroker
internal import SimpulCore

/// A value to be bound.
enum SQLValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }

    /// The bit pattern is kept: a sequence number never reaches 2^63.
    static func sequence(_ value: UInt64) -> SQLValue { .integer(Int64(bitPattern: value)) }

    static func time(_ value: Timestamp?) -> SQLValue { value.map { .integer($0.milliseconds) } ?? .null }
}

/// A compiled statement. It keeps its connection alive, and is reset after each use, also after one that failed.
final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection

    init(_ handle: OpaquePointer, of connection: Connection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs it to its end; rows are passed over.
    func run(_ values: SQLValue...) throws(StoreError) {
        try each(values) { _ in true }
    }

    /// The first row, or nil.
    func first<Value>(
        _ values: SQLValue..., read: (Row) throws(StoreError) -> Value
    ) throws(StoreError) -> Value? {
        var result: Value?
        try each(values) { row throws(StoreError) in
            result = try read(row)
            return false
        }
        return result
    }

    /// Every row.
    func all<Value>(
        _ values: SQLValue..., read: (Row) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        var result: [Value] = []
        try each(values) { row throws(StoreError) in
            result.append(try read(row))
            return true
        }
        return result
    }

    /// Row by row, as long as the visitor says so.
    func each(_ values: [SQLValue] = [], visit: (Row) throws(StoreError) -> Bool) throws(StoreError) {
        defer {
            // The error of a reset repeats that of the step before it.
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_DONE: return
            case SQLITE_ROW:
                if try !visit(Row(handle: handle)) { return }
            case let code: throw connection.failure(code, sql)
            }
        }
    }

    private var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

    private func bind(_ value: SQLValue, at index: Int32) throws(StoreError) {
        let code =
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let value): sqlite3_bind_int64(handle, index, value)
            case .text(let value): sqlite3_bind_text(handle, index, value, -1, simpul_sqlite_transient())
            case .blob(let value) where value.isEmpty: sqlite3_bind_zeroblob(handle, index, 0)
            case .blob(let value):
                sqlite3_bind_blob64(handle, index, value, UInt64(value.count), simpul_sqlite_transient())
            }
        guard code == SQLITE_OK else { throw connection.failure(code, sql) }
    }
}

/// One row of an answer, good until the next one is asked for. A column that does not hold what it must is corrupt.
struct Row {
    fileprivate let handle: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func int(_ column: Int32) -> Int { Int(integer(column)) }

    func sequence(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }

    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }

    func optionalTime(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }

    func text(_ column: Int32) throws(StoreError) -> String {
        guard let text = sqlite3_column_text(handle, column) else { throw unreadable(column) }
        return String(cString: text)
    }

    func optionalText(_ column: Int32) throws(StoreError) -> String? { isNull(column) ? nil : try text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        let start = sqlite3_column_blob(handle, column)
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// A column through the parser of its type.
    func value<Value>(_ column: Int32, _ parse: (String) -> Value?) throws(StoreError) -> Value {
        guard let value = parse(try text(column)) else { throw unreadable(column) }
        return value
    }

    func agency(_ column: Int32) throws(StoreError) -> AgencyID { try value(column, AgencyID.init) }

    func key(sender: Int32, id: Int32) throws(StoreError) -> MessageKey {
        MessageKey(sender: try agency(sender), id: try value(id, MessageID.init))
    }

    func digest(_ column: Int32) throws(StoreError) -> Digest {
        guard let digest = Digest(octets: blob(column)) else { throw unreadable(column) }
        return digest
    }

    func receipt(_ column: Int32) -> Receipt { Receipt(token: blob(column)) }

    func unreadable(_ column: Int32) -> StoreError {
        let name = sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "?"
        return StoreError(.corrupt, "column \(name) holds what it cannot hold")
    }
}
