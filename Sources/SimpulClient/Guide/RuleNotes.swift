internal import SimpulCore
internal import StrictJSON

/// What the rules that depend on other members say of a member, as sentences.
extension ValueGuide {
    /// Sentences about a member of this object: when it is required or refused, and what is narrower when.
    func notes(on name: String) -> [LocalizedText] {
        var notes = rules.flatMap { $0.notes(on: name) }
        for alternatives in memberAlternatives where alternatives.contains(where: { $0.contains(name) }) {
            notes.append(FaultText.oneMissing(alternatives))
        }
        return notes
    }
}

extension ValueGuide.Rule {
    fileprivate func notes(on name: String) -> [LocalizedText] {
        branches.flatMap { branch, holds in
            let reason = condition.text(holds: holds)
            return Self.effects(of: branch.schema, on: name).map { effect in
                LocalizedText(
                    "\(effect.english) where \(reason.english).", "\(effect.indonesian) bila \(reason.indonesian).")
            }
        }
    }

    private var branches: [(SchemaPart, Bool)] {
        (thenPart.map { [($0, true)] } ?? []) + (elsePart.map { [($0, false)] } ?? [])
    }

    private static func effects(of branch: JSONValue, on name: String) -> [LocalizedText] {
        var effects: [LocalizedText] = []
        if branch["required"]?.elements.contains(where: { $0.isString(name) }) == true {
            effects.append(LocalizedText("Required", "Wajib"))
        }
        if let narrower = branch["properties"]?[name] {
            effects +=
                narrower.bool == false ? [LocalizedText("Not allowed", "Tidak diizinkan")] : narrowed(narrower, "")
        }
        return effects
    }

    /// What a narrower schema of a member wants, each with the way to it.
    private static func narrowed(_ schema: JSONValue, _ path: String) -> [LocalizedText] {
        let place = path.isEmpty ? "" : "\(path): "
        if let constant = schema["const"].map({ JSON($0).plainText }) {
            return [LocalizedText("\(place)Only \(constant)", "\(place)Hanya \(constant)")]
        }
        if let codes = schema["enum"].map({ ValueGuide.list($0.elements.map { JSON($0).plainText }) }) {
            return [LocalizedText("\(place)Only \(codes.english)", "\(place)Hanya \(codes.indonesian)")]
        }
        if let pattern = schema["pattern"]?.string {
            return [LocalizedText("\(place)Pattern \(pattern)", "\(place)Pola \(pattern)")]
        }
        return (schema["properties"].map { Array($0.members) } ?? []).flatMap { member in
            let name = member.name.string ?? ""
            return narrowed(member.value, path.isEmpty ? name : "\(path)/\(name)")
        }
    }
}
