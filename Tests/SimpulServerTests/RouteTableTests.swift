import Testing

@testable import SimpulServer

@Suite struct RouteTableTests {
    private let table = RouteTable<Int>(routes: [
        .init("POST", "/v1/messages", 1), .init("GET", "/v1/messages/{id}", 2),
        .init("GET", "/v1/messages/{sender}/{id}", 3), .init("POST", "/v1/deliveries/{token}/ack", 4),
    ])

    @Test(arguments: [
        "", "/", "v1/messages", "/v1/messages/", "/V1/messages", "/v1//messages", "/v1/messages/a/b/c",
        "/v1/deliveries//ack", "/v1/deliveries/x/ack/", "*",
    ])
    func `a path that is not there is unknown`(path: String) {
        guard case .unknown = table.match(method: "GET", path: path[...]) else {
            Issue.record("matched")
            return
        }
    }

    @Test func `a path with another method tells the ones it has`() {
        guard case .wrongMethod(let allowed, let template) = table.match(method: "GET", path: "/v1/messages") else {
            Issue.record("no wrong method")
            return
        }
        #expect(allowed == ["POST"])
        #expect(template == "/v1/messages")
    }

    @Test(arguments: [
        ("GET", "/v1/messages/a", 2, ["a"]), ("GET", "/v1/messages/id-1/b", 3, ["id-1", "b"]),
        ("POST", "/v1/deliveries/t/ack", 4, ["t"]), ("POST", "/v1/messages", 1, []),
    ])
    func `braces take one segment each`(method: String, path: String, handler: Int, values: [String]) {
        guard case .found(let route, let found) = table.match(method: method, path: path[...]) else {
            Issue.record("not found")
            return
        }
        #expect(route.handler == handler)
        #expect(found == values)
    }

    @Test(arguments: [
        ("/v1/inbox", "/v1/inbox", nil), ("/v1/inbox?", "/v1/inbox", ""), ("/v1/inbox?a=b?c", "/v1/inbox", "a=b?c"),
        ("https://hub:8443/v1/inbox?a", "/v1/inbox", "a"), ("HTTP://hub", "/", nil), ("*", "*", nil), ("", "", nil),
    ])
    func `a target is split at its first question mark`(text: String, path: String, query: String?) {
        let target = RequestTarget(text)
        #expect(target.path == path)
        #expect(target.query.map(String.init) == query)
    }
}
