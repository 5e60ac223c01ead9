import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// A document that a test takes from the examples and changes.
struct RuleDocument {
    var root: JSON

    /// The valid example of that name, such as `alert/minimal`.
    init(example name: String) throws {
        let parts = name.split(separator: "/").map(String.init)
        let example = try #require(
            SchemaExample.all(of: parts[0]).first { $0.shouldBeValid && $0.file == parts[1] + ".json" })
        root = JSON(example.value)
    }

    /// Puts a value at a place, or removes what is there.
    mutating func put(_ value: JSON?, at pointer: String) throws {
        let path = try #require(JSONPointer(parsing: pointer))
        root = try #require(Self.putting(value, at: path.tokens[...], into: root))
    }

    private static func putting(_ value: JSON?, at path: ArraySlice<String>, into tree: JSON) -> JSON? {
        guard let first = path.first else { return value }
        switch tree {
        case .array(var elements):
            guard let index = Int(first), index <= elements.count else { return nil }
            let old = index < elements.count ? elements.remove(at: index) : .null
            if let new = putting(value, at: path.dropFirst(), into: old) { elements.insert(new, at: index) }
            return .array(elements)
        default:
            var object = tree
            if case .object = tree {} else { object = [:] }
            object[first] = putting(value, at: path.dropFirst(), into: object[first] ?? [:])
            return object
        }
    }

    /// What the schemas say.
    func schemaFaults(_ catalogue: SchemaCatalogue) throws -> [DocumentFault] {
        let value = try JSONDocument(root.bytes).root
        do {
            let header = try catalogue.header(#require(value["header"]))
            return catalogue.faults(inBody: try #require(value["body"]), of: header.type)
        } catch let refusal as Refusal {
            return refusal.faults
        }
    }

    /// What the rules say.
    func ruleFaults(isSealed: Bool = false, roles: RoleLookup = Self.roles) throws -> [DocumentFault] {
        let value = try JSONDocument(root.bytes).root
        let json = try #require(value["header"])
        return ProtectionRules.faults(
            header: try #require(Header(json)), json, body: isSealed ? nil : value["body"], roles: roles)
    }

    /// What the agencies of the examples are.
    static func roles(of agency: AgencyID) -> Set<Role>? {
        let roles = [
            "uptd-ppa": "UPTD", "polres.ppa": "POL", "imigrasi": "IMM", "gugus-tugas": "TF", "inspektorat": "AUDIT",
            "ngo.rumah-aman": "NGO", "dinsos": "SOC", "dinsos.rpsa": "SOC", "desa-fasilitator": "FACILITATOR",
            "media.contoh": "MEDIA", "simpul": "BROKER", "kp2mi": "LAB", "kejari": "PROS", "disnaker": "LAB",
            "rsud": "HLT", "dukcapil": "CIV",
        ]
        let name = agency.description.split(separator: ".", maxSplits: 1).last.map(String.init) ?? ""
        return roles[name].flatMap(Role.init).map { [$0] }
    }
}
