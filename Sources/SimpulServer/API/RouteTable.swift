/// The paths that a listener answers, each with its method and what answers it.
struct RouteTable<Handler: Sendable>: Sendable {
    /// One row.
    struct Route: Sendable {
        let method: String
        /// Segments as they must be, or a name in braces for any one segment that is not empty.
        let template: String
        let handler: Handler
        /// The template, taken apart once.
        fileprivate let segments: [Segment]

        init(_ method: String, _ template: String, _ handler: Handler) {
            self.method = method
            self.template = template
            self.handler = handler
            segments = RouteTable.segments(template[...]).map { $0.hasPrefix("{") ? .any : .exactly($0) }
        }
    }

    fileprivate enum Segment: Sendable {
        case any
        case exactly(Substring)
    }

    /// What a method and a path lead to.
    enum Match {
        /// A row, and what its braces stand for, in order.
        case found(Route, values: [String])
        /// The path is there, with these methods.
        case wrongMethod(allowed: [String], template: String)
        /// There is no such path.
        case unknown
    }

    let routes: [Route]

    func match(method: String, path: Substring) -> Match {
        let segments = Self.segments(path)
        var allowed: [String] = []
        var template = ""
        for route in routes {
            guard let values = Self.values(of: route.segments, in: segments) else { continue }
            if route.method == method { return .found(route, values: values) }
            allowed.append(route.method)
            template = route.template
        }
        return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed, template: template)
    }

    fileprivate static func segments(_ path: Substring) -> [Substring] {
        path.split(separator: "/", maxSplits: 16, omittingEmptySubsequences: false)
    }

    private static func values(of wanted: [Segment], in segments: [Substring]) -> [String]? {
        guard wanted.count == segments.count else { return nil }
        var values: [String] = []
        for (want, segment) in zip(wanted, segments) {
            switch want {
            case .any where segment.isEmpty: return nil
            case .any: values.append(String(segment))
            case .exactly(let text): if text != segment { return nil }
            }
        }
        return values
    }
}

/// The path and the query of a request target (RFC 9112 §3.2), in origin or absolute form.
struct RequestTarget: Sendable, Equatable {
    let path: Substring
    /// What follows the question mark; nil without one.
    let query: Substring?

    init(_ text: String) {
        var rest = text[...]
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            let authority = rest.dropFirst(scheme.count)
            rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
        }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first ?? ""
        query = parts.count == 2 ? parts[1] : nil
    }
}
