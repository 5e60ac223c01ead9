import JSONSchema
import StrictJSON

/// Bowtie's protocol, version 1: `start`, then `dialect` and `run` in any order, then `stop`. Nothing outlives its line
/// but that `start` was seen, so a process that has answered thousands of cases is as large as a new one.
struct Harness {
    static let dialect = "https://json-schema.org/draft/2020-12/schema"
    /// How deep a line may nest. An instance that nests more than the evaluator goes is invalid anyway.
    private static let lineDepth = 2048

    private let runner: CaseRunner
    private let homepage: String
    private var isStarted = false

    init(formats: FormatMode, homepage: String) throws(HarnessError) {
        do {
            runner = CaseRunner(known: try .draft202012(), formats: formats)
        } catch {
            throw HarnessError(detail: "the embedded metaschema is broken: \(error)")
        }
        self.homepage = homepage
    }

    /// The answer to a line, or nil where it says that this is the end.
    mutating func answer(_ line: [UInt8]) throws(HarnessError) -> JSON? {
        let request: JSONValue
        do {
            request = try JSONDocument(line, limits: JSONLimits(depth: Self.lineDepth)).root
        } catch {
            throw HarnessError(detail: "not JSON, at octet \(error.offset): \(error.code.rawValue)")
        }
        guard let command = request["cmd"]?.string else { throw HarnessError(detail: "not an object with cmd") }
        guard isStarted || command == "start" else { throw HarnessError(detail: "the first command is start") }
        switch command {
        case "start":
            guard request["version"]?.int == 1 else { throw HarnessError(detail: "only version 1 is spoken") }
            isStarted = true
            return ["version": 1, "implementation": Implementation.metadata(homepage: homepage)]
        case "dialect":
            guard let dialect = request["dialect"]?.string else { throw HarnessError(detail: "dialect names none") }
            return ["ok": .bool(dialect == Self.dialect || dialect == Self.dialect + "#")]
        case "run": return try run(request)
        case "stop": return nil
        default: throw HarnessError(detail: "no such command")
        }
    }

    private func run(_ request: JSONValue) throws(HarnessError) -> JSON {
        guard let seq = request["seq"], seq.kind == .string || seq.kind == .number else {
            throw HarnessError(detail: "run without seq")
        }
        guard let test = request["case"] else { throw HarnessError(detail: "run without case") }
        if let output = request["output"], !output.isString("flag") {
            return ["seq": JSON(seq), "skipped": true, "message": "annotations are not collected"]
        }
        do {
            let verdicts = try runner.verdicts(of: test)
            return ["seq": JSON(seq), "results": .array(verdicts.map { ["valid": .bool($0)] })]
        } catch {
            return ["seq": JSON(seq), "errored": true, "context": ["message": .string(error.detail)]]
        }
    }
}
