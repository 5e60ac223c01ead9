/// The formats of draft 2020-12 §7.3, all of which can be asserted. A name that is missing here is refused, not ignored.
enum Format: String, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date, time, duration, email, hostname, ipv4, ipv6, uri, iri, uuid, regex
    case idnEmail = "idn-email"
    case idnHostname = "idn-hostname"
    case uriReference = "uri-reference"
    case iriReference = "iri-reference"
    case uriTemplate = "uri-template"
    case jsonPointer = "json-pointer"
    case relativeJSONPointer = "relative-json-pointer"

    /// Whether UTF-8 text is of this format. Octets that are no UTF-8 are of no format that looks at code points. Every
    /// scan is linear; where lengths have a limit, a longer text is refused without being read further.
    func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .dateTime: isDateTime(text)
        case .date: isDate(text)
        case .time: isTime(text)
        case .duration: isDuration(text)
        case .email: isEmail(text, international: false)
        case .idnEmail: isEmail(text, international: true)
        case .hostname: isHostname(text, international: false)
        case .idnHostname: isHostname(text, international: true)
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
