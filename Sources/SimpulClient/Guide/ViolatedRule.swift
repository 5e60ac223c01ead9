internal import JSONSchema
internal import SimpulCore
internal import StrictJSON

/// Where in the written schemas a violation comes from: the schema that has the keyword, and on what condition it applies.
struct ViolatedRule {
    /// The schema that has the keyword; where nothing is allowed, that schema itself.
    private(set) var holder: SchemaPart
    /// The innermost condition on the way, and whether it held.
    private(set) var condition: (condition: Condition?, holds: Bool)?
    /// The innermost schema on the way that has alternatives for whole objects, whose members are named together.
    private(set) var isInsideMemberChoice = false
    /// Whether the way leads through alternatives for a value.
    private(set) var isInsideValueChoice = false

    /// Follows the way from the schema's root; nil where it leads nowhere.
    init?(_ violation: SchemaViolation, from root: SchemaPart, in documents: SchemaDocuments) {
        holder = root
        var isName = false
        let tokens = violation.keywordLocation.tokens
        for (index, token) in tokens.enumerated() {
            let isKeyword = index == tokens.count - 1 && token == violation.keyword && !isName
            if isKeyword && token != "$ref" { return }
            if token == "$ref" && !isName {
                guard let target = documents.referenced(by: holder) else { return nil }
                holder = target
                continue
            }
            if !isName { note(token) }
            let isProperties = !isName && token == "properties"
            guard let next = holder.schema[JSONPointer([token])] else { return nil }
            holder.schema = next
            isName = isProperties
        }
    }

    private mutating func note(_ token: String) {
        switch token {
        case "then", "else":
            condition = (holder.schema["if"].flatMap { Condition($0) }, token == "then")
        case "anyOf":
            let isOfMembers = holder.list("anyOf").allSatisfy {
                $0.schema["required"] != nil && $0.schema["type"] == nil
            }
            if isOfMembers { isInsideMemberChoice = true } else { isInsideValueChoice = true }
        default: break
        }
    }
}
