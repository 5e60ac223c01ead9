import StrictJSON

/// A place in a schema document.
struct SchemaLocation: Sendable {
    var document: Int
    var resource: Int
    var path: SchemaPath?
    var value: JSONValue

    struct Key: Hashable, Sendable {
        var document: Int
        var offset: Int
    }

    /// The place in the document, as a pointer.
    var pointer: JSONPointer { JSONPointer(path) }

    var key: Key { Key(document: document, offset: value.offset) }

    func child(_ tokens: String..., value: JSONValue) -> SchemaLocation {
        SchemaLocation(
            document: document, resource: resource, path: tokens.reduce(path) { SchemaPath($0, $1) }, value: value)
    }
}

/// A schema with a URI of its own (core §4.3.5).
struct SchemaResource: Sendable {
    var uri: URIReference
    var root: SchemaLocation
    var anchors: [String: SchemaLocation] = [:]
    var dynamicAnchors: [String: SchemaLocation] = [:]
}

/// Where every identifier of every document stands.
struct SchemaIndex: Sendable {
    private(set) var documentURIs: [String] = []
    private(set) var resources: [SchemaResource] = []
    private var resourceByURI: [String: Int] = [:]
    /// The resource that a subschema belongs to, for every place where a keyword has a subschema.
    private var resourceByPlace: [SchemaLocation.Key: Int] = [:]

    mutating func add(_ document: JSONDocument, uri: String) throws(SchemaError) {
        let reference = URIReference(uri)
        let root = SchemaLocation(
            document: documentURIs.count, resource: resources.count, path: nil, value: document.root)
        documentURIs.append(uri)
        guard reference.scheme != nil, reference.fragment == nil else {
            throw fault(.invalidURI, root, "a document's URI is absolute and has no fragment")
        }
        try open(root, uri: reference)
        try scan(root)
    }

    /// A registered resource by its URI without fragment.
    func resource(_ uri: String) -> SchemaResource? { resourceByURI[uri].map { resources[$0] } }

    /// The schema that an absolute reference names.
    func resolve(_ reference: URIReference) -> SchemaLocation? {
        guard let resource = resource(reference.withoutFragment) else { return nil }
        guard let fragment = reference.fragment, !fragment.isEmpty else { return resource.root }
        guard let name = URIReference.decode(fragment) else { return nil }
        if let anchor = resource.anchors[name] { return anchor }
        guard let pointer = JSONPointer(parsing: name) else { return nil }
        return find(pointer, in: resource.root)
    }

    /// Walks down; below a subschema with its own `$id` the base changes.
    private func find(_ pointer: JSONPointer, in root: SchemaLocation) -> SchemaLocation? {
        var location = root
        for token in pointer.tokens {
            guard let value = location.value[JSONPointer([token])] else { return nil }
            location = location.child(token, value: value)
            location.resource = resourceByPlace[location.key] ?? location.resource
        }
        return location
    }

    // MARK: Scanning

    private mutating func open(_ root: SchemaLocation, uri: URIReference) throws(SchemaError) {
        try claim(uri, root)
        resources.append(SchemaResource(uri: uri, root: root))
    }

    private mutating func claim(_ uri: URIReference, _ root: SchemaLocation) throws(SchemaError) {
        let text = uri.withoutFragment
        guard resourceByURI.updateValue(root.resource, forKey: text) == nil else {
            throw fault(.duplicateURI, root, "another schema has the URI \(text)")
        }
    }

    /// Recursion is as deep as the document, which its parser has bounded.
    private mutating func scan(_ found: SchemaLocation) throws(SchemaError) {
        var location = found
        guard location.value.kind == .object else { return }
        if let id = location.value["$id"] { try identify(&location, id) }
        resourceByPlace[location.key] = location.resource
        for (keyword, isDynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
            if let anchor = location.value[keyword] { try name(location, keyword, anchor, isDynamic: isDynamic) }
        }
        for child in Subschemas.all(of: location) { try scan(child) }
    }

    private mutating func identify(_ location: inout SchemaLocation, _ id: JSONValue) throws(SchemaError) {
        let place = location.child("$id", value: id)
        guard let text = id.string, Format.uriReference.accepts(Array(text.utf8)[...]) else {
            throw fault(.invalidURI, place, "$id is a URI reference")
        }
        var uri = URIReference(text).resolved(against: resources[location.resource].uri)
        guard uri.fragment ?? "" == "" else { throw fault(.invalidURI, place, "$id has no fragment") }
        uri.fragment = nil
        if location.path == nil {
            if uri == resources[location.resource].uri { return }
            try claim(uri, location)
            resources[location.resource].uri = uri
        } else {
            location.resource = resources.count
            try open(location, uri: uri)
        }
    }

    private mutating func name(
        _ location: SchemaLocation, _ keyword: String, _ anchor: JSONValue, isDynamic: Bool
    ) throws(SchemaError) {
        let place = location.child(keyword, value: anchor)
        guard let name = anchor.string, KeywordShape.isAnchor(anchor) else {
            throw fault(.invalidKeyword, place, "an anchor is a letter or _, then letters, digits and -._")
        }
        if let other = resources[location.resource].anchors.updateValue(location, forKey: name),
            other.key != location.key
        {
            throw fault(.duplicateURI, place, "another schema of this resource has the anchor \(name)")
        }
        if isDynamic { resources[location.resource].dynamicAnchors[name] = location }
    }

    func fault(_ code: SchemaError.Code, _ location: SchemaLocation, _ detail: String) -> SchemaError {
        SchemaError(
            code: code, document: documentURIs[location.document], pointer: location.pointer, detail: detail)
    }

    /// The place of a subschema, with the resource it belongs to.
    func settled(_ location: SchemaLocation) -> SchemaLocation {
        var settled = location
        settled.resource = resourceByPlace[location.key] ?? location.resource
        return settled
    }

    /// The URI of a schema: that of its resource, and the pointer inside it as a fragment.
    func place(of location: SchemaLocation) -> SchemaPlace {
        let resource = resources[location.resource]
        return SchemaPlace(
            resource: resource.uri.withoutFragment, path: location.path, above: resource.root.pointer.tokens.count)
    }
}
