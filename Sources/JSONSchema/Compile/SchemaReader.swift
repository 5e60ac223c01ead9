import StrictJSON

/// One schema object while it is compiled: typed access to its keywords, and the rules found so far.
struct SchemaReader {
    let location: SchemaLocation
    let index: SchemaIndex
    private(set) var rules: [Rule] = []
    private(set) var tracksEvaluation = false

    init(location: SchemaLocation, index: SchemaIndex) {
        self.location = location
        self.index = index
    }

    mutating func add(_ keyword: String, _ check: Check, _ detail: String = "") {
        rules.append(Rule(keyword: keyword, check: check, detail: detail))
    }

    mutating func addUnevaluated(_ keyword: String, _ check: Check) {
        tracksEvaluation = true
        add(keyword, check)
    }

    subscript(_ keyword: String) -> JSONValue? { location.value[keyword] }

    func fault(_ keyword: String, _ detail: String, code: SchemaError.Code = .invalidKeyword) -> SchemaError {
        index.fault(code, location.child(keyword, value: location.value), detail)
    }

    func count(_ keyword: String) throws(SchemaError) -> Int? {
        guard let value = self[keyword] else { return nil }
        guard let number = value.number, number.isInteger, !number.isNegative else {
            throw fault(keyword, "\(keyword) is a whole number from 0")
        }
        // No instance has as many parts as an Int counts.
        return number.int ?? .max
    }

    func string(_ keyword: String) throws(SchemaError) -> String? {
        guard let value = self[keyword] else { return nil }
        guard let string = value.string else { throw fault(keyword, "\(keyword) is a string") }
        return string
    }

    /// Strings of which no two are equal.
    func names(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> [String] {
        guard value.kind == .array else { throw fault(keyword, "\(keyword) is a list of strings") }
        var seen = Set<[UInt8]>()
        var names: [String] = []
        for element in value.elements {
            guard let name = element.string else { throw fault(keyword, "\(keyword) is a list of strings") }
            guard seen.insert(Array(name.utf8)).inserted else {
                throw fault(keyword, "\(keyword) has the same string twice")
            }
            names.append(name)
        }
        return names
    }

    /// The members of a keyword whose value is a map of subschemas.
    func children(_ keyword: String) -> [(name: String, location: SchemaLocation)] {
        guard let value = self[keyword] else { return [] }
        return value.members.map { member in
            let name = member.name.string ?? ""
            return (name, location.child(keyword, name, value: member.value))
        }
    }

    /// The elements of a keyword whose value is a list of subschemas.
    func list(_ keyword: String) -> [SchemaLocation]? {
        self[keyword].map { value in
            value.elements.enumerated().map { location.child(keyword, String($0), value: $1) }
        }
    }

    func schema(_ keyword: String) -> SchemaLocation? {
        self[keyword].map { location.child(keyword, value: $0) }
    }

    func pattern(_ source: String, _ tokens: String...) throws(SchemaError) -> RegexProgram {
        do throws(RegexError) {
            return try RegexProgram(source)
        } catch {
            let place = SchemaLocation(
                document: location.document, resource: location.resource,
                path: tokens.reduce(location.path) { SchemaPath($0, $1) }, value: location.value)
            throw index.fault(.invalidPattern, place, "\(error.detail), at character \(error.offset)")
        }
    }
}
