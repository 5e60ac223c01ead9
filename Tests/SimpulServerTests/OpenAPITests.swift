import Foundation
import Logging
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulServer

/// The description of the API says what the router knows, no more and no less.
@Suite struct OpenAPITests {
    private let document: JSONValue
    private let routes: [RouteTable<Endpoint>.Route]

    init() throws {
        document = try JSONDocument(EmbeddedDocuments.openAPI).root
        let broker = try TestNetwork.shared.get().makeBroker(on: MemoryStore())
        let readiness = Readiness()
        let journal = Journal(
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, counters: broker.counters,
            readiness: readiness, now: broker.now)
        routes = API.endpoints(broker, readiness, journal)
    }

    private func operation(_ route: RouteTable<Endpoint>.Route) throws -> JSONValue {
        try #require(
            document["paths"]?[route.template]?[route.method.lowercased()], "\(route.method) \(route.template)")
    }

    /// What a `$ref` stands for, or the value itself.
    private func resolved(_ value: JSONValue) throws -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return try reference.dropFirst(2).split(separator: "/").reduce(document) { value, name in
            try #require(value[String(name)], "\(reference)")
        }
    }

    @Test func `every path and method is described, and no other`() throws {
        let paths = try #require(document["paths"])
        let described = paths.members.flatMap { path in
            path.value.members.map { "\(($0.name.string ?? "").uppercased()) \(path.name.string ?? "")" }
        }
        #expect(Set(described) == Set(routes.map { "\($0.method) \($0.template)" }))
        #expect(described.count == routes.count)
    }

    @Test func `every query parameter is described, and no other`() throws {
        for route in routes {
            let parameters = try (operation(route)["parameters"].map { Array($0.elements) } ?? []).map(resolved)
            let names = parameters.filter { $0["in"]?.string == "query" }.compactMap { $0["name"]?.string }
            #expect(names.sorted() == route.handler.parameters.sorted(), "\(route.method) \(route.template)")
        }
    }

    @Test func `every path parameter is described, and no other`() throws {
        for route in routes {
            let parameters = try (operation(route)["parameters"].map { Array($0.elements) } ?? []).map(resolved)
            let names = parameters.filter { $0["in"]?.string == "path" }.compactMap { $0["name"]?.string }
            let braces = route.template.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                $0.dropFirst().dropLast()
            }
            #expect(names.sorted() == braces.map(String.init).sorted(), "\(route.template)")
        }
    }

    @Test func `every code is described under its status, and no other`() throws {
        for route in routes {
            let responses = try #require(operation(route)["responses"])
            var described: [String] = []
            for response in responses.members {
                let value = try resolved(response.value)
                guard let schema = value["content"]?["application/problem+json"]?["schema"] else { continue }
                let lists = schema["allOf"].map { Array($0.elements) } ?? []
                for code in lists.compactMap({ $0["properties"]?["code"]?["enum"] }).flatMap({ Array($0.elements) }) {
                    described.append("\(response.name.string ?? "") \(code.string ?? "")")
                }
            }
            let known = route.handler.codes.map { "\($0.status) \($0.rawValue)" }
            #expect(described.sorted() == known.sorted(), "\(route.method) \(route.template)")
        }
    }
}
