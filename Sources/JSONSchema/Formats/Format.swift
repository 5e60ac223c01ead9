/// The formats of draft 2020-12 §7.3 that can be asserted. A name that is missing here is refused, not ignored.
enum Format: String, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date, time, duration, email, hostname, ipv4, ipv6, uri, iri, uuid, regex
    case uriReference = "uri-reference"
    case iriReference = "iri-reference"
    case uriTemplate = "uri-template"
    case jsonPointer = "json-pointer"
    case relativeJSONPointer = "relative-json-pointer"

    /// Whether UTF-8 text is of this format.
    func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .dateTime: isDateTime(text)
        case .date: isDate(text)
        case .time: isTime(text)
        case .duration: isDuration(text)
        case .email: isEmail(text)
        case .hostname: isHostname(text)
        case .ipv4: isIPv4(text)
        case .ipv6: isIPv6(text)
        case .uri: isURI(text, international: false, needsScheme: true)
        case .uriReference: isURI(text, international: false, needsScheme: false)
        case .iri: isURI(text, international: true, needsScheme: true)
        case .iriReference: isURI(text, international: true, needsScheme: false)
        case .uriTemplate: isURITemplate(text)
        case .uuid: isUUID(text)
        case .jsonPointer: isJSONPointer(text)
        case .relativeJSONPointer: isRelativeJSONPointer(text)
        case .regex: (try? RegexParser.parse(String(decoding: text, as: UTF8.self))) != nil
        }
    }
}
