import StrictJSON

/// Applies a program to an instance. Values are entries of the instance's tape. Without collecting it stops at the
/// first fault, builds nothing and counts no references; collecting goes on and keeps what fails as a tree.
struct Evaluator {
    let program: FlatProgram
    let tape: Tape
    let entries: UnsafePointer<TapeEntry>
    let bytes: UnsafePointer<UInt8>
    private let nodes: UnsafePointer<FlatNode>
    private let instructions: UnsafePointer<Instruction>
    private var depth = 0
    private var stepsLeft: Int
    /// States of regular expressions that may still be looked at, in all matches together.
    var regexStepsLeft: Int
    /// Set where the work is bounded off; the instance then counts as invalid, whatever negations say.
    private(set) var isExhausted = false
    /// Resources entered, outermost first; kept only where a `$dynamicRef` may ask.
    private var scope: [Int32] = []
    var isCollecting = false
    var trace = Trace(room: 0)

    /// The places of a value that some keyword has evaluated; nil where nobody will ask.
    typealias MarksPointer = UnsafeMutablePointer<Marks>?

    private static let maximumDepth = 2048

    /// Runs with an evaluator of an instance. The work allowed grows with the instance: a sound schema needs a few steps
    /// for each value.
    static func run<Result>(
        _ program: FlatProgram, _ instance: JSONValue, _ body: (inout Evaluator) -> Result
    ) -> Result {
        let tape = instance.tape
        return tape.bytes.withUnsafeBufferPointer { bytes in
            guard let octets = bytes.baseAddress, let entries = tape.entries.baseAddress else {
                preconditionFailure("a parsed text has octets and entries")
            }
            var evaluator = Evaluator(program, tape, entries, octets, size: instance.source.count)
            return body(&evaluator)
        }
    }

    private init(
        _ program: FlatProgram, _ tape: Tape, _ entries: UnsafePointer<TapeEntry>, _ bytes: UnsafePointer<UInt8>,
        size: Int
    ) {
        (self.program, self.tape, self.entries, self.bytes) = (program, tape, entries, bytes)
        (nodes, instructions) = (program.nodes, program.instructions)
        stepsLeft = 200_000 + 32 * size
        regexStepsLeft = RegexMatcher.steps(for: size)
    }

    mutating func isValid(_ instance: JSONValue) -> Bool {
        evaluate(program.root, instance.index, nil) && !isExhausted
    }

    /// What fails, as the children of the schema's root; empty if and only if the instance fits.
    mutating func failures(in instance: JSONValue, room: Int) -> [OutputUnit] {
        trace = Trace(room: room)
        isCollecting = true
        let isValid = evaluate(program.root, instance.index, nil)
        if isValid && !isExhausted { return [] }
        if !trace.units.isEmpty { return trace.units }
        let detail = isExhausted ? "takes more work to check than is allowed" : "breaks the schema"
        return [trace.root(detail, at: program.places[Int(program.root)])]
    }

    // MARK: One schema

    mutating func evaluate(_ index: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        guard enter() else { return false }
        defer { depth -= 1 }
        let index = isCollecting ? index : nodes[Int(index)].shortcut
        let node = nodes[Int(index)]
        guard node.verdict == .depends else { return decide(node, index) }
        let entersScope = program.usesDynamicScope && scope.last != node.resource
        if entersScope { scope.append(node.resource) }
        defer { if entersScope { scope.removeLast() } }
        guard node.tracksEvaluation else { return check(node, index, value, marks) }
        var own = Marks()
        let isValid = withUnsafeMutablePointer(to: &own) { check(node, index, value, $0) }
        marks?.pointee.formUnion(own)
        return isValid
    }

    @inline(__always)
    private mutating func check(_ node: FlatNode, _ index: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        var isValid = true
        var at = Int(node.first)
        let end = at + Int(node.count)
        while at < end {
            if !check(at, of: index, value, marks) {
                guard isCollecting else { return false }
                isValid = false
            }
            at += 1
        }
        return isValid
    }

    private mutating func decide(_ node: FlatNode, _ index: Int32) -> Bool {
        let isValid = node.verdict == .accepts
        if isCollecting && !isValid { trace.reportRefusal(at: program.places[Int(index)]) }
        return isValid
    }

    @inline(__always)
    private mutating func enter() -> Bool {
        stepsLeft -= 1
        if depth >= Self.maximumDepth || stepsLeft <= 0 { isExhausted = true }
        if isExhausted { return false }
        depth += 1
        return true
    }

    /// Takes work beyond one step for each schema.
    /// - Returns: whether there was enough left; if not, the evaluation ends.
    mutating func spend(_ steps: Int) -> Bool {
        stepsLeft -= steps
        if stepsLeft <= 0 { isExhausted = true }
        return !isExhausted
    }

    mutating func exhaust() { isExhausted = true }

    func instruction(_ at: Int) -> UnsafePointer<Instruction> { instructions + at }

    /// The node that a dynamic anchor means here: that of the outermost resource which has one.
    func dynamicTarget(_ name: Int) -> Int32? {
        let targets = program.dynamicTargets[name]
        for resource in scope {
            if let target = targets[Int(resource)] { return Int32(target) }
        }
        return nil
    }

    // MARK: Going down

    /// A step of a path that costs nothing unless someone asks for the way.
    enum Step: BitwiseCopyable {
        case none
        case index(Int)
        /// The name with that entry.
        case name(Int)
    }

    /// Applies a subschema to the same value.
    @inline(__always)
    mutating func apply(
        _ node: Int32, _ value: Int, _ keyword: StaticString, _ key: Step, _ marks: MarksPointer
    ) -> Bool {
        guard isCollecting else { return evaluate(node, value, marks) }
        return applyCollecting(node, value, "\(keyword)", pathStep(key), nil, marks)
    }

    /// Applies a subschema to a member, an element or a name.
    @inline(__always)
    mutating func applyChild(
        _ node: Int32, _ value: Int, _ keyword: StaticString, _ key: Step = .none, at step: Step
    ) -> Bool {
        guard isCollecting else { return evaluate(node, value, nil) }
        return applyCollecting(node, value, "\(keyword)", pathStep(key), pathStep(step), nil)
    }

    func pathStep(_ step: Step) -> PathStep? {
        switch step {
        case .none: nil
        case .index(let index): .index(index)
        case .name(let entry): .name(json(entry))
        }
    }

    mutating func applyCollecting(
        _ node: Int32, _ value: Int, _ keyword: String, _ key: PathStep?, _ step: PathStep?, _ marks: MarksPointer
    ) -> Bool {
        let mark = trace.enter(keyword, key, step)
        let isValid = evaluate(node, value, marks)
        trace.leave(mark, isValid: isValid, at: program.places[Int(node)])
        isCollecting = !trace.isFull
        return isValid
    }

    /// Whether a subschema holds, without collecting why not; marks only where it does.
    mutating func probe(_ node: Int32, _ value: Int, _ marks: MarksPointer) -> Bool {
        let wasCollecting = isCollecting
        isCollecting = false
        defer { isCollecting = wasCollecting }
        guard let marks else { return evaluate(node, value, nil) }
        var own = Marks()
        let isValid = withUnsafeMutablePointer(to: &own) { evaluate(node, value, $0) }
        if isValid { marks.pointee.formUnion(own) }
        return isValid
    }

    /// Keeps a failure of a keyword at the value that is being looked at; nothing where nothing is collected, nor once the
    /// work is bounded off, when what fails may not have been looked at.
    mutating func report(_ keyword: String, _ detail: String, of node: Int32) {
        guard isCollecting, !isExhausted else { return }
        trace.report(keyword, detail, at: program.places[Int(node)])
        isCollecting = !trace.isFull
    }

    /// The same, with the keyword and the text of an instruction.
    @inline(__always)
    mutating func report(_ at: Int, of node: Int32) {
        guard isCollecting else { return }
        let text = program.texts[at]
        report(text.keyword, text.detail, of: node)
    }

    // MARK: Values

    @inline(__always)
    func kind(_ value: Int) -> TapeEntry.Kind { entries[value].kind }

    /// The entry behind a value.
    @inline(__always)
    func after(_ value: Int) -> Int {
        let entry = entries[value]
        return entry.isContainer ? Int(entry.next) : value + 1
    }

    func json(_ value: Int) -> JSONValue { JSONValue(tape: tape, index: value) }

    /// Lends the octets of a string, unescaped: those of the text itself where nothing is escaped.
    @inline(__always)
    func withOctets<Result>(_ value: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let entry = entries[value]
        if entry.kind == .plainString {
            return body(UnsafeBufferPointer(start: bytes + Int(entry.start), count: Int(entry.length)))
        }
        return (json(value).utf8 ?? []).withUnsafeBufferPointer(body)
    }
}
