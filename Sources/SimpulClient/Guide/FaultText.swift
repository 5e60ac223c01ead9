internal import JSONSchema
internal import SimpulCore
internal import StrictJSON

/// What is wrong with one value, and what would be right, in both languages. What the schemas say may stand in it, and
/// codes and names of theirs that come near; a value of the message never does.
struct FaultText {
    let violation: SchemaViolation
    let rule: ViolatedRule
    /// The value that breaks the rule.
    let value: JSONValue?
    /// What the schemas say of that value.
    let guide: ValueGuide

    var text: LocalizedText { statement + reason }

    /// On what condition the rule applies.
    var reason: LocalizedText {
        guard let (condition, holds) = rule.condition else { return .empty }
        guard let text = condition?.text(holds: holds) else { return .empty }
        return LocalizedText(" (because \(text.english))", " (karena \(text.indonesian))")
    }

    private var statement: LocalizedText {
        switch violation.keyword {
        case "properties", "additionalProperties", "items", "": refusal
        case "enum", "const", "anyOf": wrongCode
        case "type": Self.kind(rule.holder.schema["type"])
        case "pattern", "format":
            LocalizedText("Not in the form that is wanted", "Bentuknya tidak sesuai") + wanted
        case "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum":
            Self.bound(violation.keyword, rule.holder.schema[violation.keyword]?.int ?? 0)
        case "uniqueItems":
            LocalizedText("An entry stands in the list more than once.", "Ada entri yang berulang dalam daftar.")
        default:
            LocalizedText(
                "The rule \(violation.keyword) is broken.", "Aturan \(violation.keyword) tidak dipenuhi.")
        }
    }

    private var refusal: LocalizedText {
        let text = LocalizedText("This member is not allowed here.", "Anggota ini tidak diizinkan di sini.")
        guard violation.keyword == "additionalProperties", let name = violation.instanceLocation.tokens.last,
            let near = NearestWord.of(name, in: rule.holder.schema["properties"].map(Self.names) ?? [])
        else { return text }
        return text + Self.suggestion(near)
    }

    private var wrongCode: LocalizedText {
        if violation.keyword == "anyOf", value?.kind == .object {
            return LocalizedText("Something that is needed here is missing.", "Ada yang diperlukan tetapi tidak ada.")
        }
        let allowed = codes
        guard !allowed.isEmpty else {
            return LocalizedText("None of the values that are allowed.", "Bukan nilai yang diizinkan.")
        }
        var list = ValueGuide.list(allowed)
        for kind in ["object", "null"] where violation.keyword == "anyOf" && guide.types.contains(kind) {
            list = [list, Self.kindName(kind)].joined(LocalizedText(", or ", ", atau "))
        }
        if list.english == allowed.first {
            return LocalizedText("Only \(list.english) is allowed.", "Hanya \(list.indonesian) yang diizinkan.")
        }
        var text = LocalizedText("None of the codes of the list.", "Tidak ada dalam daftar kode.")
        if let given = value?.string, let near = NearestWord.of(given, in: allowed) {
            text = text + Self.suggestion(near)
        }
        return text + LocalizedText(" Allowed: \(list.english).", " Yang diizinkan: \(list.indonesian).")
    }

    /// The codes that the broken rule allows.
    private var codes: [String] {
        let schema = rule.holder.schema
        if let constant = schema["const"] { return [JSON(constant).plainText] }
        if let codes = schema["enum"] { return codes.elements.map { JSON($0).plainText } }
        return guide.codes ?? []
    }

    private var wanted: LocalizedText {
        let schema = rule.holder.schema
        if let format = schema["format"]?.string {
            return LocalizedText(": ", ": ") + ValueGuide.formatText(format) + .stop
        }
        let pattern = schema["pattern"]?.string ?? ""
        guard let english = schema["title"]?.string, let indonesian = schema["x-id"]?.string else {
            return LocalizedText(": \(pattern)", ": \(pattern)")
        }
        return LocalizedText(": \(english), \(pattern)", ": \(indonesian), \(pattern)")
    }

    // MARK: Sentences

    static func missing(_ name: String, _ text: LocalizedText?) -> LocalizedText {
        guard let text else {
            return LocalizedText("The member \(name) is missing.", "Anggota \(name) tidak ada.")
        }
        return LocalizedText(
            "The member \(name) is missing: \(text.english)", "Anggota \(name) tidak ada: \(text.indonesian)")
    }

    static func oneMissing(_ alternatives: [[String]]) -> LocalizedText {
        let texts = alternatives.map { $0.joined(separator: " + ") }.joined(separator: ", ")
        return LocalizedText(
            "At least one of these has to be there: \(texts).", "Setidaknya salah satu harus ada: \(texts).")
    }

    private static func suggestion(_ word: String) -> LocalizedText {
        LocalizedText(" Did you mean \(word)?", " Maksud Anda \(word)?")
    }

    private static func kind(_ type: JSONValue?) -> LocalizedText {
        let names = type.map { $0.string.map { [$0] } ?? $0.elements.compactMap(\.string) } ?? []
        let kinds = names.map(kindName).joined(LocalizedText(" or ", " atau "))
        return LocalizedText("This has to be \(kinds.english).", "Ini harus berupa \(kinds.indonesian).")
    }

    static func kindName(_ type: String) -> LocalizedText {
        switch type {
        case "string": LocalizedText("a text", "teks")
        case "integer": LocalizedText("a whole number", "bilangan bulat")
        case "number": LocalizedText("a number", "angka")
        case "boolean": LocalizedText("true or false", "true (ya) atau false (tidak)")
        case "array": LocalizedText("a list in [ ]", "daftar dalam [ ]")
        case "object": LocalizedText("an object in { }", "objek dalam { }")
        default: LocalizedText("null", "null (kosong)")
        }
    }

    private static func bound(_ keyword: String, _ bound: Int) -> LocalizedText {
        switch keyword {
        case "minLength": LocalizedText("At least \(bound) characters.", "Paling sedikit \(bound) karakter.")
        case "maxLength": LocalizedText("At most \(bound) characters.", "Paling banyak \(bound) karakter.")
        case "minItems": LocalizedText("At least \(bound) entries.", "Paling sedikit \(bound) entri.")
        case "maxItems": LocalizedText("At most \(bound) entries.", "Paling banyak \(bound) entri.")
        case "minimum": LocalizedText("Not less than \(bound).", "Tidak boleh kurang dari \(bound).")
        default: LocalizedText("Not more than \(bound).", "Tidak boleh lebih dari \(bound).")
        }
    }

    private static func names(_ properties: JSONValue) -> [String] {
        properties.members.compactMap { $0.value.bool == false ? nil : $0.name.string }
    }
}

extension LocalizedText {
    static let stop = LocalizedText(".", ".")
}
