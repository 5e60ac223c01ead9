import StrictJSON

/// One step of a path while collecting; becomes text only where a violation is kept.
enum PathStep {
    case word(String)
    case index(Int)
    case name(JSONValue)

    static func pointer(_ steps: [PathStep]) -> JSONPointer {
        JSONPointer(
            steps.map { step in
                switch step {
                case .word(let word): word
                case .index(let index): String(index)
                case .name(let name): name.string ?? ""
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
