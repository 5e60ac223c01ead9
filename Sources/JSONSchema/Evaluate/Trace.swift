import StrictJSON

/// One step of a path while collecting; becomes text only where a failure is kept.
enum PathStep {
    case word(String)
    case index(Int)
    case name(JSONValue)

    /// A name becomes text once, so that the pointers of all that fails below it share that text.
    static func pointer(_ steps: inout [PathStep]) -> JSONPointer {
        JSONPointer(
            steps.indices.map { index in
                switch steps[index] {
                case .word(let word): return word
                case .index(let index): return String(index)
                case .name(let name):
                    let text = name.string ?? ""
                    steps[index] = .word(text)
                    return text
                }
            })
    }

    /// What is said where the schema `false` stands.
    static func refusal(by keyword: String) -> String {
        switch keyword {
        case "properties", "patternProperties", "additionalProperties", "unevaluatedProperties":
            "this member is not allowed here"
        case "propertyNames": "no member is allowed here"
        case "items", "prefixItems", "unevaluatedItems": "this element is not allowed here"
        default: "nothing is allowed here"
        }
    }
}

/// The way to where the evaluation is, and what has failed on it: a failed subschema leaves its failures behind, one
/// that holds leaves nothing.
struct Trace {
    private(set) var units: [OutputUnit] = []
    private var instancePath: [PathStep] = []
    private var keywordPath: [PathStep] = []
    private var appliedBy = ""
    private let room: Int
    private var kept = 0

    /// - Parameter room: how many units are made, also of alternatives and while it is open whether they count. Beyond
    ///   it there are only those that hold what was kept, at most one or two for each schema that is being applied.
    init(room: Int) { self.room = room }

    /// Whether there is room for no more units.
    var isFull: Bool { kept >= room }

    /// Where a subschema was entered.
    struct Mark {
        fileprivate var units: Int
        fileprivate var keywordPath: Int
        fileprivate var instancePath: Int
        fileprivate var appliedBy: String
    }

    mutating func enter(_ keyword: String, _ key: PathStep?, _ step: PathStep?) -> Mark {
        let mark = Mark(
            units: units.count, keywordPath: keywordPath.count, instancePath: instancePath.count,
            appliedBy: appliedBy)
        keywordPath.append(.word(keyword))
        if let key { keywordPath.append(key) }
        if let step { instancePath.append(step) }
        appliedBy = keyword
        return mark
    }

    mutating func leave(_ mark: Mark, isValid: Bool, at place: SchemaPlace) {
        if isValid { drop(from: mark.units) }
        if units.count > mark.units + 1 { group(from: mark.units, at: place) }
        restore(mark)
    }

    /// What an alternative that fails leaves is one unit, so that alternatives can be told apart.
    mutating func leaveAlternative(_ mark: Mark, isValid: Bool, at place: SchemaPlace) {
        if isValid { drop(from: mark.units) }
        if units.count > mark.units { group(from: mark.units, at: place) }
        restore(mark)
    }

    mutating func drop(from start: Int) {
        if units.count > start { units.removeSubrange(start...) }
    }

    /// What is said of the instance as a whole where no keyword's failure was kept.
    func root(_ detail: String, at place: SchemaPlace) -> OutputUnit {
        OutputUnit(
            keywordLocation: JSONPointer(), absoluteKeywordLocation: place.text, instanceLocation: JSONPointer(),
            keyword: "",
            detail: detail, units: [])
    }

    /// - Parameter place: where the schema stands that has the keyword.
    mutating func report(_ keyword: String, _ detail: String, at place: SchemaPlace) {
        keep(keyword, detail, at: place, below: keyword)
    }

    /// A schema that is `false`: named by the keyword that applied it.
    mutating func reportRefusal(at place: SchemaPlace) {
        keep(appliedBy, PathStep.refusal(by: appliedBy), at: place, below: "")
    }

    /// Puts the alternatives that were left since below the keyword that wanted one of them.
    mutating func groupAlternatives(from start: Int, _ keyword: String, _ detail: String, at place: SchemaPlace) {
        let alternatives = Array(units[start...])
        drop(from: start)
        append(keyword, detail, at: place, below: keyword, alternatives)
    }

    private mutating func group(from start: Int, at place: SchemaPlace) {
        let inner = Array(units[start...])
        drop(from: start)
        append(appliedBy, nil, at: place, below: "", inner)
    }

    private mutating func keep(_ keyword: String, _ detail: String, at place: SchemaPlace, below suffix: String) {
        if !isFull { append(keyword, detail, at: place, below: suffix, []) }
    }

    private mutating func append(
        _ keyword: String, _ detail: String?, at place: SchemaPlace, below suffix: String, _ inner: [OutputUnit]
    ) {
        kept += 1
        let path = PathStep.pointer(&keywordPath)
        units.append(
            OutputUnit(
                keywordLocation: suffix.isEmpty ? path : path.appending(suffix),
                absoluteKeywordLocation: suffix.isEmpty ? place.text : place.text + "/" + suffix,
                instanceLocation: PathStep.pointer(&instancePath), keyword: keyword, detail: detail, units: inner))
    }

    private mutating func restore(_ mark: Mark) {
        keywordPath.removeSubrange(mark.keywordPath...)
        instancePath.removeSubrange(mark.instancePath...)
        appliedBy = mark.appliedBy
    }
}
