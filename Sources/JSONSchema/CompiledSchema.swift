public import StrictJSON

/// A schema that is ready to check instances; immutable, and shared freely between tasks.
///
/// Work is bounded: at most 2 048 schemas are applied inside each other, at most 200 000 and 32 for each byte of the
/// instance together, and a match of a pattern looks at most at two million states and 64 for each byte of its text.
/// An instance that would need more is invalid. A thread needs up to 2 MiB of stack where a schema recurs.
public struct CompiledSchema: Sendable {
    let program: SchemaProgram

    /// Whether the instance fits. Does not allocate for instances that fit, save for patterns with more than 64
    /// states, formats, escaped strings, fractions and large numbers, and `uniqueItems`.
    public func isValid(_ instance: JSONValue) -> Bool {
        var evaluator = Evaluator(program: program, instance: instance)
        return evaluator.isValid(instance)
    }

    /// Every violation, at most `limit`; none if and only if the instance fits (or the limit is below one). Of
    /// alternatives that all fail, those of the closest one follow the violation of `anyOf` or `oneOf` itself.
    public func violations(in instance: JSONValue, limit: Int) -> [SchemaViolation] {
        guard limit > 0, !isValid(instance) else { return [] }
        var evaluator = Evaluator(program: program, instance: instance)
        return evaluator.violations(in: instance, limit: limit)
    }
}
