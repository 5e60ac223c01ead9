import NIOCore

/// The answer to a batch: one line of JSON for each envelope, in order.
struct BatchAnswer: Sendable, Equatable {
    /// Lines of status 201.
    var accepted = 0
    /// Lines of status 200.
    var repeated = 0
    /// The first line of another status, or of another form.
    var problem: String?

    init(_ body: ByteBuffer) {
        for line in body.readableBytesView.split(separator: UInt8(ascii: "\n")) {
            if Self.hasStatus("201", line) {
                accepted += 1
            } else if Self.hasStatus("200", line) {
                repeated += 1
            } else if problem == nil {
                problem = String(decoding: line.prefix(500), as: UTF8.self)
            }
        }
    }

    private static let member = Array("\"status\":".utf8)

    /// The status is looked for at the line's beginning, where the broker writes it; a receipt cannot hold this text.
    private static func hasStatus(_ status: String, _ line: ByteBufferView) -> Bool {
        line.first == UInt8(ascii: "{") && line.dropFirst().starts(with: member)
            && line.dropFirst(1 + member.count).starts(with: status.utf8)
    }
}
