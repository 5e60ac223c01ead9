import Testing

@testable import JSONSchema

@Suite struct URIReferenceTests {
    /// The examples of RFC 3986 §5.4 that tell implementations apart, and a base without a hierarchy.
    @Test(arguments: [
        ("g:h", "g:h"), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q#s"),
        ("g?y#s", "http://a/b/c/g?y#s"), ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("..", "http://a/b/"),
        ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../../g", "http://a/g"), ("/./g", "http://a/g"),
        ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), ("..g", "http://a/b/c/..g"), ("./g/.", "http://a/b/c/g/"),
        ("g/../h", "http://a/b/c/h"), ("g;x=1/../y", "http://a/b/c/y"), ("g?y/../x", "http://a/b/c/g?y/../x"),
    ])
    func `a reference is resolved against its base`(_ reference: String, _ expected: String) {
        let base = URIReference("http://a/b/c/d;p?q")
        #expect(URIReference(reference).resolved(against: base).text == expected)
    }

    @Test func `a fragment stays with a name that has no hierarchy`() {
        let base = URIReference("urn:uuid:0")
        #expect(URIReference("#/a").resolved(against: base).text == "urn:uuid:0#/a")
        #expect(URIReference("b").resolved(against: URIReference("http://a")).text == "http://a/b")
    }

    @Test func `a malformed percent escape is refused`() {
        #expect(URIReference.decode("%2") == nil)
        #expect(URIReference.decode("%+1") == nil)
        #expect(URIReference.decode("%FF") == nil)
        #expect(URIReference.decode("a%25%C3%A9") == "a%é")
    }
}
