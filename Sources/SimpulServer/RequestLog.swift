internal import Logging

/// What a log line may hold besides its sentence, which is constant. There is no field for a query, a token, a body or
/// anything a body says.
enum LogField: String, CaseIterable {
    /// The 128-bit name of one request; the caller got the same in its problem document.
    case trace
    /// The agency that called.
    case agency
    /// The code of a refusal.
    case code
    /// The stage of a refusal.
    case stage
    /// The HTTP method.
    case method
    /// The template of the path, such as `/v1/messages/{id}`; never the path itself.
    case route
    /// The HTTP status of the answer.
    case status
    /// The id of a refused message.
    case message
    /// The operator's text of a refusal or an error, which holds no value of a body.
    case diagnosis
    /// Why a handshake was refused.
    case reason
    /// SHA-256 of a certificate.
    case thumbprint
    /// The number of a user of this machine.
    case user
    /// The number of the port.
    case port
}

extension Logger {
    /// Writes a sentence with those fields that have a value, each printable and at most 300 characters long.
    func record(_ level: Logger.Level, _ sentence: StaticString, _ fields: [LogField: String?]) {
        guard logLevel <= level else { return }
        var metadata: Logger.Metadata = [:]
        for case (let field, let value?) in fields { metadata[field.rawValue] = .string(Self.printable(value)) }
        log(level: level, "\(sentence)", metadata: metadata)
    }

    /// A caller chooses member names, and so parts of a pointer: they end no line and command no terminal.
    static func printable(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars.prefix(300) {
            text.unicodeScalars.append((0x20...0x7E).contains(scalar.value) ? scalar : "?")
        }
        return text
    }
}
