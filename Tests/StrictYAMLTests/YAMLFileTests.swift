import StrictYAML
import Testing

@Suite struct YAMLFileTests {
    @Test(
        arguments: [
            ("a: *x\nb: &x 1\n", "f.yaml:1:4: aliases are refused; write the value out"),
            ("é: &x [1]\nü: [*x, *x]\n", "f.yaml:2:5: aliases are refused; write the value out"),
            ("", "f.yaml: it is empty"),
            ("# nothing\n", "f.yaml: it is empty"),
            ("- 1\n", "f.yaml:1:1: expected a map (key: value)"),
            ("a: 1\n---\na: 2\n", "f.yaml:2:1: this is not YAML: but found another document"),
            ("a: [1\nb: 2\n", "f.yaml:2:2: this is not YAML: did not find expected ',' or ']'"),
            ("a: \u{7}\n", "f.yaml:1:4: this is not YAML: control characters are not allowed"),
            ("? [a]\n: 1\n", "f.yaml:1:3: a key must be one word"),
        ])
    func `what is not one plain map is refused with its place`(_ text: String, _ fault: String) {
        let (value, faults) = read(text) { map in map.optional("a")?.text() }
        #expect(value == nil)
        #expect(faults == [fault])
    }

    @Test func `octets that are not UTF-8 are refused`() {
        let faults = YAMLFaults()
        let value = YAMLFile(path: "f.yaml", bytes: [0x61, 0x3A, 0x20, 0xFF]).read(into: faults) { _ in 1 }
        #expect(value == nil)
        #expect(faults.sorted.map(\.description) == ["f.yaml: it is not UTF-8"])
    }

    @Test func `repeated and unknown keys of every map are reported together, in order`() {
        let text = "port: 1\nname: a\nport: 2\n\"port\": 3\ninner: { x: 1, y: 2, x: 3 }\nprot: 4\n"
        let (_, faults) = read(text) { map in
            _ = map.required("port")?.integer(in: 1...9)
            _ = map.required("name")?.text()
            return map.required("inner")?.map { $0.required("x")?.integer(in: 1...9) }
        }
        #expect(
            faults == [
                "f.yaml:1:1: this key occurs again in the same map",
                "f.yaml:3:1: this key occurs again in the same map",
                "f.yaml:5:10: this key occurs again in the same map",
                "f.yaml:5:16: this key is not known; known here: x",
                "f.yaml:6:1: this key is not known; known here: inner, name, port",
            ])
    }

    @Test func `deep nesting is refused and does not exhaust the stack`() {
        let (_, flow) = read("a: " + String(repeating: "[", count: 100_000)) { $0.optional("a")?.text() }
        #expect(flow.count == 1)
        let (_, block) = read("a:\n  " + String(repeating: "- ", count: 100_000) + "x") { $0.optional("a")?.text() }
        #expect(block.count == 1)
    }

    @Test func `an ampersand or an asterisk in text is no alias`() {
        let (value, faults) = read("a: R&D * Lab\n") { $0.required("a")?.text() }
        #expect(value == "R&D * Lab")
        #expect(faults.isEmpty)
    }

    @Test func `a file that is missing, a folder or too large is a fault of the file`() {
        let faults = YAMLFaults()
        #expect(YAMLFile(reading: "/nonexistent/x.yaml", atMost: 10, into: faults) == nil)
        #expect(YAMLFile(reading: "/", atMost: 10, into: faults) == nil)
        #expect(YAMLFile(reading: #filePath, atMost: 10, into: faults) == nil)
        #expect(
            faults.sorted.map(\.description) == [
                "/nonexistent/x.yaml: there is no such file", "/: it is not a regular file",
                "\(#filePath): it is too large",
            ])
    }
}

func read<Value>(_ text: String, at path: String = "f.yaml", _ body: (YAMLMap) -> Value?) -> (Value?, [String]) {
    let faults = YAMLFaults()
    let value = YAMLFile(path: path, bytes: Array(text.utf8)).read(into: faults, body)
    return (value, faults.sorted.map(\.description))
}
