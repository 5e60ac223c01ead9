import JSONSchema
import StrictJSON

extension FuzzTarget {
    /// Patterns (ECMA-262 with the flag `u`), through the keyword `pattern`; the input is a pattern, the separator and
    /// a text. Held true:
    /// * a pattern that compiles is of the format `regex`;
    /// * in a group of its own it matches the same; what matches as a lookahead matches as it is;
    /// * what matches with both ends anchored matches somewhere.
    static let regex = FuzzTarget(name: "regex") { input throws(BrokenInvariant) in
        let (first, second) = parts(of: input)
        let pattern = String(decoding: first, as: UTF8.self)
        guard let compiled = CompiledSchema(keywords: ["pattern": .string(pattern)]) else { return }
        try hold(try regexFormat?.accepts(pattern) == true, "a pattern that compiles is of the format regex")
        let text = String(decoding: second, as: UTF8.self)
        let matches = try compiled.accepts(text)
        // A group may nest too deeply, and a lookahead may need too many states.
        if let grouped = CompiledSchema(keywords: ["pattern": .string("(?:\(pattern))")]) {
            try hold(try grouped.accepts(text) == matches, "a group matches what its inside matches")
        }
        for wrapped in ["(?=\(pattern))", "^(?:\(pattern))$"] {
            guard let wrapped = CompiledSchema(keywords: ["pattern": .string(wrapped)]), try wrapped.accepts(text)
            else { continue }
            try hold(matches, "what matches ahead, or from end to end, matches somewhere")
        }
    }
}

private let regexFormat = CompiledSchema(keywords: ["format": "regex"])
