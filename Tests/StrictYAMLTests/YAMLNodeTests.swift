import StrictYAML
import Testing

@Suite struct YAMLNodeTests {
    @Test(arguments: ["", "~", "null", "\"\"", "[]", "{}", "\"\\0\"", "\"a\\eb\""])
    func `what is no text is refused`(_ value: String) {
        let (text, faults) = read("a: \(value)\n") { $0.required("a")?.text() }
        #expect(text == nil)
        #expect(faults.count == 1 && faults[0].hasPrefix("f.yaml:1:"))
    }

    @Test(arguments: ["many", "0x10", "1.0", "+5", "007", "-1", "11", "1_0", "9223372036854775808", "[1]"])
    func `what is no number within bounds is refused, without repeating it`(_ value: String) {
        let (number, faults) = read("a: \(value)\n") { $0.required("a")?.integer(in: 0...10) }
        #expect(number == nil)
        #expect(faults.count == 1 && !faults[0].contains(value))
    }

    @Test(arguments: ["yes", "on", "True", "1", "y"])
    func `only true and false are booleans`(_ value: String) {
        let (boolean, faults) = read("a: \(value)\n") { $0.required("a")?.boolean() }
        #expect(boolean == nil)
        #expect(faults == ["f.yaml:1:4: expected true or false"])
    }

    @Test func `values keep their text, whatever other readers would make of it`() {
        let (texts, faults) = read("a: 1.20\nb: no\nc: 2026-01-01\nd: \"null\"\ne: |\n  x\n  y\n") { map in
            ["a", "b", "c", "d", "e"].map { map.required($0)?.text() }
        }
        #expect(texts == ["1.20", "no", "2026-01-01", "null", "x\ny\n"])
        #expect(faults.isEmpty)
    }

    @Test func `a list passes over what it cannot read and reports each`() {
        let (numbers, faults) = read("a: [1, x, 3, 99]\n") { map in
            map.required("a")?.list(atMost: 4) { $0.integer(in: 1...9) }
        }
        #expect(numbers == [1, 3])
        #expect(faults == ["f.yaml:1:8: expected a number from 1 to 9", "f.yaml:1:14: expected a number from 1 to 9"])
        let (none, bound) = read("a: [1, 2]\nb: [1]\n") { map in
            _ = map.required("b")?.list(atLeast: 2, atMost: 3) { $0.integer(in: 1...9) }
            return map.required("a")?.list(atMost: 1) { $0.integer(in: 1...9) }
        }
        #expect(none == nil)
        #expect(bound == ["f.yaml:1:4: expected 0 to 1 elements", "f.yaml:2:4: expected 2 to 3 elements"])
    }

    @Test func `a missing key is reported where its map begins`() {
        let (_, faults) = read("a:\n  b: 1\n") { $0.required("a")?.map { $0.required("c")?.text() } }
        #expect(
            faults == ["f.yaml:2:3: the key c is missing here", "f.yaml:2:3: this key is not known; known here: c"])
    }

    @Test(arguments: [("/etc/h/f.yaml", "/etc/h/x/y"), ("h/f.yaml", "h/x/y"), ("f.yaml", "x/y")])
    func `a relative path starts in the folder of its file`(_ file: String, _ expected: String) {
        let (paths, _) = read("a: x/y\nb: /abs\n", at: file) { map in
            [map.required("a")?.path(), map.required("b")?.path()]
        }
        #expect(paths == [expected, "/abs"])
    }
}
