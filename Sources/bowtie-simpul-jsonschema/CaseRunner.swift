import JSONSchema
import StrictJSON

/// Runs one case: its schema, with the documents that came along, against each of its instances.
struct CaseRunner {
    /// Knows the metaschema; each case works on a copy of its own.
    let known: SchemaRegistry
    let formats: FormatMode

    /// What a schema is called that does not call itself anything (RFC 6761 §6.4: nobody else is called so).
    private static let uri = "https://case.invalid/schema"

    /// Why a case gives no verdicts.
    struct Fault: Error {
        var detail: String
    }

    /// The verdict on each instance, in order. Instances are taken from the line as they are, digit by digit.
    func verdicts(of test: JSONValue) throws(Fault) -> [Bool] {
        guard let schema = test["schema"], let tests = test["tests"], tests.kind == .array else {
            throw Fault(detail: "a case has a schema and a list of tests")
        }
        let compiled = try compile(schema, with: test["registry"])
        var verdicts: [Bool] = []
        for test in tests.elements {
            guard let instance = test["instance"] else { throw Fault(detail: "a test has an instance") }
            verdicts.append(compiled.isValid(instance))
        }
        return verdicts
    }

    private func compile(_ schema: JSONValue, with documents: JSONValue?) throws(Fault) -> CompiledSchema {
        var registry = known
        var unusable: [String] = []
        if let documents {
            for member in documents.members {
                let uri = member.name.string ?? ""
                // A document that is broken is no fault of a case that does not need it.
                do throws(Fault) { try add(member.value, uri, to: &registry) } catch { unusable.append(error.detail) }
            }
        }
        do throws(Fault) {
            try add(schema, Self.uri, to: &registry)
            do {
                return try registry.compile(Self.uri, formats: formats)
            } catch {
                throw Fault(detail: "\(error)")
            }
        } catch {
            let more = unusable.isEmpty ? "" : "; unusable documents: " + unusable.joined(separator: "; ")
            throw Fault(detail: error.detail + more)
        }
    }

    private func add(_ value: JSONValue, _ uri: String, to registry: inout SchemaRegistry) throws(Fault) {
        // A string's octets stand without their quotation marks.
        let text = value.kind == .string ? JSON(value).bytes : Array(value.source)
        let document: JSONDocument
        do {
            document = try JSONDocument(text)
        } catch {
            throw Fault(detail: "\(uri): \(error)")
        }
        do {
            try registry.add(document, uri: uri)
        } catch {
            throw Fault(detail: "\(error)")
        }
    }
}
