/// The documents below `schemas/` as they were built in, octet by octet.
public enum EmbeddedDocuments {
    /// The schema of that name and major version; nil where there is none.
    public static func schema(_ name: String, major: String) -> [UInt8]? { octets(at: "\(name)/\(major).json") }

    /// The OpenAPI 3.1 description of the API.
    public static var openAPI: [UInt8] { octets(at: "openapi.json") ?? [] }

    /// Every schema: its name and major version, as `alert/1`, and its octets.
    static var schemas: [(name: Substring, octets: [UInt8])] {
        embeddedSchemas.filter { $0.path.contains("/") }.map { path, text in
            (path.dropLast(".json".count), Array(text.withUTF8Buffer { $0 }))
        }
    }

    private static func octets(at path: String) -> [UInt8]? {
        embeddedSchemas.first { $0.path == path }.map { Array($0.text.withUTF8Buffer { $0 }) }
    }
}
