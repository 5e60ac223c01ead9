internal import Hummingbird
internal import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// `GET /v1/schemas…` and `/v1/openapi.json`: what may be sent, and how.
struct SchemaRoutes: Sendable {
    @Sendable
    func all(_ call: Call) async throws -> Response {
        _ = try call.query()
        let types = MessageType.allCases.map { type -> JSON in
            [
                "type": .string(type.rawValue), "major": 1, "minor": .integer(type.newestMinor),
                "schema": .string("\(type.rawValue)/1.\(type.newestMinor)"),
                "href": .string("/v1/schemas/\(type.rawValue)/1"),
            ]
        }
        let parts = ["header", "common", "receipt"].map { name -> JSON in
            ["name": .string(name), "major": 1, "href": .string("/v1/schemas/\(name)/1")]
        }
        return .json(["schemas": .array(types), "parts": .array(parts)])
    }

    @Sendable
    func one(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let document = EmbeddedDocuments.schema(call.values[0], major: call.values[1]) else {
            throw Refusal.notFound
        }
        return .octets(.ok, MediaTypeName.schema, document)
    }

    @Sendable
    func openAPI(_ call: Call) async throws -> Response {
        _ = try call.query()
        return .octets(.ok, MediaTypeName.json, EmbeddedDocuments.openAPI)
    }
}
