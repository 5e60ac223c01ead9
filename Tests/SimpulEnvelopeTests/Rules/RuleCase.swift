import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// A change of an example, and where exactly that breaks a rule; nowhere where no place is named.
struct RuleCase: Sendable, CustomTestStringConvertible {
    let example: String
    let changes: [(place: String, value: JSON?)]
    let places: [String]
    /// Whether only the header is read, as a broker reads a sealed message.
    var isSealed = false

    init(_ example: String, _ changes: KeyValuePairs<String, JSON?>, breaks places: String..., isSealed: Bool = false) {
        self.example = example
        self.changes = changes.map { ($0.key, $0.value) }
        self.places = places
        self.isSealed = isSealed
    }

    var testDescription: String { "\(example): \(changes.map(\.place).joined(separator: ", "))" }

    func document() throws -> RuleDocument {
        var document = try RuleDocument(example: example)
        for change in changes { try document.put(change.value, at: change.place) }
        return document
    }

    /// Runs the case: these places and no others, each under that rule, and the schemas have nothing to say.
    func check(_ rule: String, _ catalogue: SchemaCatalogue) throws {
        let document = try document()
        #expect(try document.schemaFaults(catalogue).isEmpty, "the schemas know this already: \(testDescription)")
        let faults = try document.ruleFaults(isSealed: isSealed)
        #expect(faults.map(\.pointer).sorted() == places.sorted(), "\(testDescription)")
        #expect(faults.allSatisfy { $0.keyword == rule }, "\(faults.map(\.keyword)) \(testDescription)")
    }
}
