import Foundation
import JOSE
import JSONSchema
import StrictJSON

/// Why a task cannot be timed.
struct TaskError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Runs tasks; schemas are compiled once.
struct Tasks {
    private var schemas: [String: CompiledSchema] = [:]

    mutating func run(_ task: JSONValue) throws -> Double {
        let watch = Stopwatch(milliseconds: task["milliseconds"]?.int ?? 100)
        switch task["task"]?.string {
        case "parse":
            let texts = try Self.instances(task)
            for text in texts { _ = try JSONDocument(text) }
            return watch.time { for text in texts { keep((try? JSONDocument(text).root.offset) ?? 0) } }
        case "parse-foundation":
            let texts = try Self.instances(task).map { Data($0) }
            for text in texts { _ = try JSONSerialization.jsonObject(with: text) }
            return watch.time {
                for text in texts { keep((try? JSONSerialization.jsonObject(with: text)) == nil ? 0 : 1) }
            }
        case "validate": return try validate(task, watch)
        case "parse-validate": return try parseAndValidate(task, watch)
        case "verify": return try Self.verify(task, watch)
        default: throw TaskError("an unknown task")
        }
    }

    private mutating func validate(_ task: JSONValue, _ watch: Stopwatch) throws -> Double {
        let schema = try schema(task)
        let values = try Self.instances(task).map { try JSONDocument($0).root }
        guard values.allSatisfy(schema.isValid) else { throw TaskError("an instance does not fit") }
        return watch.time { for value in values { keep(schema.isValid(value) ? 1 : 0) } }
    }

    private mutating func parseAndValidate(_ task: JSONValue, _ watch: Stopwatch) throws -> Double {
        let schema = try schema(task)
        let texts = try Self.instances(task)
        guard try texts.allSatisfy({ try schema.isValid(JSONDocument($0).root) }) else {
            throw TaskError("an instance does not fit")
        }
        return watch.time {
            for text in texts { keep((try? JSONDocument(text)).map { schema.isValid($0.root) ? 1 : 0 } ?? 0) }
        }
    }

    private mutating func schema(_ task: JSONValue) throws -> CompiledSchema {
        guard let uri = task["schema"]?.string, let resources = task["resources"] else {
            throw TaskError("a schema and its resources are missing")
        }
        let formats: FormatMode = task["formats"]?.bool == false ? .annotation : .assertion
        let key = "\(uri) \(formats)"
        if let known = schemas[key] { return known }
        var registry = SchemaRegistry()
        for resource in resources.elements {
            let document = try JSONDocument(Self.octets(of: resource))
            try registry.add(document, uri: document.root["$id"]?.string ?? uri)
        }
        let schema = try registry.compile(uri, formats: formats)
        schemas[key] = schema
        return schema
    }

    private static func instances(_ task: JSONValue) throws -> [[UInt8]] {
        guard let files = task["instances"], files.count > 0 else { throw TaskError("instances are missing") }
        return try files.elements.map(octets)
    }

    private static func octets(of file: JSONValue) throws -> [UInt8] {
        guard let path = file.string, let data = FileManager.default.contents(atPath: path) else {
            throw TaskError("a file cannot be read")
        }
        return Array(data)
    }

    /// Signs 1 500 octets with a fresh key and times the verification.
    private static func verify(_ task: JSONValue, _ watch: Stopwatch) throws -> Double {
        guard let algorithm = (task["algorithm"]?.string).flatMap(SignatureAlgorithm.init) else {
            throw TaskError("an unknown algorithm")
        }
        let kind: KeyKind =
            switch algorithm {
            case .ES256: .p256
            case .ES384: .p384
            case .ES512: .p521
            case .EdDSA: .ed25519
            case .PS256, .PS384, .PS512, .RS256, .RS384, .RS512: .rsa2048
            }
        let key = PrivateKey.generate(kind)
        let input = [UInt8](repeating: UInt8(ascii: "x"), count: 1500)
        let signature = try key.sign(input, algorithm: algorithm)
        guard key.publicKey.verify(signature, of: input, algorithm: algorithm) else {
            throw TaskError("a signature is not good")
        }
        return watch.time { keep(key.publicKey.verify(signature, of: input, algorithm: algorithm) ? 1 : 0) }
    }
}

/// Measures how long one run takes.
struct Stopwatch {
    let milliseconds: Int

    /// Nanoseconds of one run: the smallest of seven measurements, for what disturbs a run only makes it longer.
    func time(_ run: () -> Void) -> Double {
        var smallest = Double.infinity
        for _ in 0..<7 {
            let start = DispatchTime.now().uptimeNanoseconds
            var runs = 0
            var elapsed: UInt64 = 0
            repeat {
                for _ in 0..<16 { run() }
                runs += 16
                elapsed = DispatchTime.now().uptimeNanoseconds - start
            } while elapsed < UInt64(milliseconds) * 1_000_000
            smallest = min(smallest, Double(elapsed) / Double(runs))
        }
        return smallest
    }
}

/// Makes the optimiser believe that a result is wanted.
@inline(never)
func keep(_ result: Int) { withExtendedLifetime(result) {} }
