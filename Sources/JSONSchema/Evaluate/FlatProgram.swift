import StrictJSON

/// A schema program laid out for evaluation: nodes and instructions are plain values in two blocks of memory, and all
/// that they point to lives as long as the program. Reading them counts no references and allocates nothing.
///
/// `@unchecked Sendable` is safe here: everything is written before the initialiser ends and never changes afterwards.
final class FlatProgram: @unchecked Sendable {
    let nodes: UnsafePointer<FlatNode>
    let instructions: UnsafePointer<Instruction>
    let root: Int32
    let usesDynamicScope: Bool
    /// Keyword and text of each instruction, for those who ask why.
    let texts: [InstructionText]
    /// Of each node, where its schema stands: the URI of its resource and a pointer inside it.
    let places: [SchemaPlace]
    /// For each name that a `$dynamicRef` looks for: the node of that dynamic anchor in each resource that has one.
    let dynamicTargets: [[Int: Int]]
    private let memory: ProgramMemory

    struct InstructionText: Sendable {
        var keyword: String
        var detail: String
    }

    init(_ program: SchemaProgram) {
        let memory = ProgramMemory()
        var nodes: [FlatNode] = []
        var instructions: [Instruction] = []
        var texts: [InstructionText] = []
        for node in program.nodes {
            let first = instructions.count
            for rule in node.rules {
                instructions.append(Instruction(rule.check, memory))
                texts.append(InstructionText(keyword: rule.keyword, detail: rule.detail))
            }
            nodes.append(FlatNode(node, first: first, end: instructions.count, index: nodes.count))
        }
        if program.dynamicTargets.isEmpty { Self.shortenReferences(&nodes, instructions) }
        self.nodes = memory.keep(nodes)
        self.instructions = memory.keep(instructions)
        self.texts = texts
        self.memory = memory
        root = Int32(program.root)
        usesDynamicScope = !program.dynamicTargets.isEmpty
        dynamicTargets = program.dynamicTargets
        places = program.nodes.map(\.place)
    }

    /// A node that is nothing but a `$ref` is skipped where nobody asks for the way.
    private static func shortenReferences(_ nodes: inout [FlatNode], _ instructions: [Instruction]) {
        var isSettled = [Bool](repeating: false, count: nodes.count)
        for index in nodes.indices {
            var way: [Int] = []
            var target = index
            // References cannot go round in circles: such schemas are refused.
            while !isSettled[target], nodes[target].count == 1, !nodes[target].tracksEvaluation,
                case .reference(let next) = instructions[Int(nodes[target].first)]
            {
                way.append(target)
                target = Int(next)
            }
            for node in way {
                nodes[node].shortcut = nodes[target].shortcut
                isSettled[node] = true
            }
        }
    }
}

/// One schema.
struct FlatNode: BitwiseCopyable {
    /// The first instruction, and how many there are.
    var first: Int32
    var count: Int32
    var resource: Int32
    /// The node to evaluate in its place where only the verdict is wanted.
    var shortcut: Int32
    var verdict: Verdict
    /// Whether the node needs to know what its subschemas have evaluated.
    var tracksEvaluation: Bool

    enum Verdict: UInt8, BitwiseCopyable { case accepts, refuses, depends }

    init(_ node: SchemaNode, first: Int, end: Int, index: Int) {
        self.first = Int32(first)
        count = Int32(end - first)
        resource = Int32(node.resource)
        shortcut = Int32(index)
        verdict = node.verdict.map { $0 ? .accepts : .refuses } ?? .depends
        tracksEvaluation = node.tracksEvaluation
    }
}

/// Owns what a program points to.
final class ProgramMemory {
    private var blocks: [UnsafeMutableRawPointer] = []
    private var objects: [AnyObject] = []

    deinit { for block in blocks { block.deallocate() } }

    /// A copy of plain values that lives as long as this.
    func keep<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafePointer<Value> {
        let block = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
        block.initialize(from: values, count: values.count)
        blocks.append(UnsafeMutableRawPointer(block))
        return UnsafePointer(block)
    }

    /// An object that lives as long as this; the reference counts nothing.
    func keep<Object: AnyObject>(_ object: Object) -> Unmanaged<Object> {
        objects.append(object)
        return Unmanaged.passUnretained(object)
    }
}
