internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// What the schemas say of messages, for people: the members of each type with their texts in both languages, and what is
/// wrong with a message in words that say what would be right.
public struct SchemaGuide: Sendable {
    let documents = SchemaDocuments()

    /// Reads the embedded schemas, which takes some milliseconds.
    public init() {}

    /// The header of messages of a type.
    func header(of type: MessageType?, known: [(name: String, value: Known)] = []) -> ValueGuide {
        let own = type.map { [(name: "type", value: Known.scalar(.string($0.rawValue)))] } ?? []
        let rest = known.filter { $0.name != "type" || own.isEmpty }
        return ValueGuide(documents.root("header").map { [$0] } ?? [], in: documents, known: .object(own + rest))
    }

    /// The body of messages of a type.
    func body(of type: MessageType, known: [(name: String, value: Known)] = []) -> ValueGuide {
        ValueGuide(documents.root(type.rawValue).map { [$0] } ?? [], in: documents, known: .object(known))
    }

    /// What the schemas call a type.
    func title(of type: MessageType) -> LocalizedText? { body(of: type).text }

    /// The text of the member that a pointer into a message names; nil where the schemas know none.
    func text(at pointer: JSONPointer, type: MessageType?) -> LocalizedText? {
        guard let part = pointer.tokens.first, pointer.tokens.count > 1 else { return nil }
        var guide: ValueGuide
        switch (part, type) {
        case ("header", _): guide = header(of: type)
        case ("body", let type?): guide = body(of: type)
        default: return nil
        }
        var text: LocalizedText?
        for token in pointer.tokens.dropFirst().prefix(32) {
            let isEntry = guide.types.contains("array")
            let next = isEntry ? guide.items() : guide.anyMember(token)
            guard !next.parts.isEmpty else { return text }
            // An entry without a text of its own is one of what its list is; its value type says less.
            text = (isEntry ? next.ownText : next.text) ?? text
            guide = next
        }
        return text
    }
}

extension ValueGuide {
    /// A member as any of the schemas describes it, also those that depend on something.
    func anyMember(_ name: String) -> ValueGuide {
        let own = member(name)
        guard own.parts.isEmpty else { return own }
        for value in values ?? [] where !value.member(name).parts.isEmpty { return value.member(name) }
        return own
    }
}
