public import StrictJSON

/// A schema that is ready to check instances; immutable, and shared freely between tasks.
///
/// Work is bounded: at most 2 048 schemas are applied inside each other, at most 200 000 and 32 for each byte of the
/// instance together, where each value that `uniqueItems` compares counts as one, and all matches of patterns look at
/// most at two million states and 64 for each byte of the instance. An instance that would need more is invalid. A
/// thread needs up to 3 MiB of stack where a schema recurs, beside what `JSONLimits` says of values that are compared.
public struct CompiledSchema: Sendable {
    private let program: FlatProgram

    init(program: SchemaProgram) { self.program = FlatProgram(program) }

    /// Whether the instance fits. Does not allocate for instances that fit, save for patterns that are too large for a
    /// table, some formats, escaped strings, fractions and large numbers, `dependentSchemas` and dynamic references,
    /// values evaluated beyond the 64th, and `uniqueItems` of more than 16 elements.
    public func isValid(_ instance: JSONValue) -> Bool {
        Evaluator.run(program, instance) { $0.isValid(instance) }
    }

    /// Every violation, at most `limit`; none if and only if the instance fits (or the limit is below one). Of
    /// alternatives that all fail, those of the closest one follow the violation of `anyOf` or `oneOf` itself.
    public func violations(in instance: JSONValue, limit: Int) -> [SchemaViolation] {
        // Those of alternatives may turn out not to count.
        let room = limit.multipliedReportingOverflow(by: 16)
        let failures = failures(in: instance, limit: room.overflow ? limit : room.partialValue)
        return Array(failures.flatMap(\.violations).prefix(max(0, limit)))
    }

    /// What fails, as a tree; empty if and only if the instance fits (or the limit is below one).
    /// - Parameter limit: how many failures, of keywords and of subschemas, are kept, also while it is open whether they
    ///   count; what is beyond is missing, and the verdict stays. What holds a failure that was kept is kept too.
    public func failures(in instance: JSONValue, limit: Int) -> [OutputUnit] {
        guard limit > 0, !isValid(instance) else { return [] }
        return Evaluator.run(program, instance) { $0.failures(in: instance, room: limit) }
    }

    /// The output of draft 2020-12 core §12 in one of its formats. Annotations are not collected.
    public func output(for instance: JSONValue, format: OutputFormat, limit: Int) -> JSON {
        format.output(failures(in: instance, limit: limit), root: program.places[Int(program.root)].text)
    }
}
