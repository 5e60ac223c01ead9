import JSONSchema
import StrictJSON

extension FuzzTarget {
    /// The formats (draft 2020-12 validation §7.3), each with the input as its text. Held true:
    /// * a URI is a URI reference and an IRI, and each of these an IRI reference; of ASCII alone an IRI is a URI;
    /// * a date-time is a date, a `T` and a time, and nothing else is (RFC 3339 §5.6), leap seconds aside, which only
    ///   some dates have (§5.7);
    /// * an e-mail address is an internationalized one, and a host name likewise;
    /// * a JSON pointer is what the pointer parser accepts, and a relative one is digits and `#` or a JSON pointer.
    static let format = FuzzTarget(name: "format") { bytes throws(BrokenInvariant) in
        let text = String(decoding: bytes, as: UTF8.self)
        var accepted: Set<String> = []
        for (name, schema) in formats where try schema.accepts(text) { accepted.insert(name) }
        try checkIdentifiers(accepted, isASCII: text.utf8.allSatisfy { $0 < 0x80 })
        try checkDateTime(text, accepted)
        try checkPointers(text, accepted)
    }
}

/// Every name of the draft.
private let formats: [(name: String, schema: CompiledSchema)] = [
    "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
].compactMap { name in CompiledSchema(keywords: ["format": .string(name)]).map { (name, $0) } }

private func accepts(_ name: String, _ text: some StringProtocol) throws(BrokenInvariant) -> Bool {
    guard let format = formats.first(where: { $0.name == name }) else {
        throw BrokenInvariant(description: "the formats of times, URIs and pointers are asserted")
    }
    return try format.schema.accepts(String(text))
}

private func checkIdentifiers(_ accepted: Set<String>, isASCII: Bool) throws(BrokenInvariant) {
    let wider = [
        ("uri", "uri-reference"), ("uri", "iri"), ("uri-reference", "iri-reference"), ("iri", "iri-reference"),
        ("email", "idn-email"), ("hostname", "idn-hostname"),
    ]
    for (narrow, wide) in wider where accepted.contains(narrow) {
        try hold(accepted.contains(wide), "what is of the format \(narrow) is of the format \(wide)")
    }
    guard isASCII else { return }
    for (wide, narrow) in [("iri", "uri"), ("iri-reference", "uri-reference")] {
        try hold(accepted.contains(wide) == accepted.contains(narrow), "in ASCII, \(wide) and \(narrow) are the same")
    }
}

private func checkDateTime(_ text: String, _ accepted: Set<String>) throws(BrokenInvariant) {
    let scalars = text.unicodeScalars
    guard let mark = scalars.firstIndex(where: { $0 == "T" || $0 == "t" }) else {
        return try hold(!accepted.contains("date-time"), "a date-time has a T")
    }
    let date = try accepts("date", String(scalars[..<mark]))
    let time = try accepts("time", String(scalars[scalars.index(after: mark)...]))
    let isBoth = date && time
    try hold(isBoth || !accepted.contains("date-time"), "a date-time is a date and a time")
    if isBoth, !text.contains(":60") { try hold(accepted.contains("date-time"), "a date and a time are a date-time") }
}

private func checkPointers(_ text: String, _ accepted: Set<String>) throws(BrokenInvariant) {
    let isPointer = JSONPointer(parsing: text) != nil
    try hold(accepted.contains("json-pointer") == isPointer, "the format and the parser know the same pointers")
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    let rest = String(text.unicodeScalars.dropFirst(digits.count))
    let isNumber = digits.count == 1 || digits.count > 1 && digits.first != 0x30
    let isRelative = isNumber && (rest == "#" || JSONPointer(parsing: rest) != nil)
    // A draft of the relative pointers has an index manipulation besides (+1, -1), which may be accepted.
    guard !rest.hasPrefix("+"), !rest.hasPrefix("-") else { return }
    try hold(accepted.contains("relative-json-pointer") == isRelative, "a relative pointer is digits and a pointer")
}
