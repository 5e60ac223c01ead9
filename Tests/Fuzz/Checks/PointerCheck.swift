import StrictJSON

extension FuzzTarget {
    /// JSON pointers (RFC 6901); the input is a pointer, the separator and a JSON text. Held true:
    /// * a pointer that parses is written again octet by octet as it was;
    /// * a lookup goes one token after the other, and finds what lies in the text;
    /// * the pointer to each value, made on the way down, leads to that value.
    static let pointer = FuzzTarget(name: "pointer") { input throws(BrokenInvariant) in
        let (first, second) = parts(of: input)
        let root = (try? JSONDocument(second))?.root
        let text = String(decoding: first, as: UTF8.self)
        if let pointer = JSONPointer(parsing: text) {
            try checkText(of: pointer, text)
            if let root { try checkLookup(of: pointer, in: root) }
        } else {
            try hold(!text.isEmpty, "the empty text is a pointer")
            try hold(!text.utf8.starts(with: "/".utf8) || text.utf8.contains(UInt8(ascii: "~")), "only a ~ is a fault")
        }
        if let root { try checkWayBack(to: root) }
    }
}

private func checkText(of pointer: JSONPointer, _ text: String) throws(BrokenInvariant) {
    let written = pointer.description
    try hold(written.utf8.elementsEqual(text.utf8), "a pointer is written as it was")
    try hold(JSONPointer(parsing: written) == pointer, "a pointer that is written again is equal")
    try hold(JSONPointer(pointer.tokens) == pointer, "a pointer is its tokens")
}

private func checkLookup(of pointer: JSONPointer, in root: JSONValue) throws(BrokenInvariant) {
    var stepwise: JSONValue? = root
    for token in pointer.tokens { stepwise = stepwise?[JSONPointer([token])] }
    try hold(root[pointer]?.offset == stepwise?.offset, "a lookup goes token by token")
}

/// Looks at the first 64 values, so that the work stays linear.
private func checkWayBack(to root: JSONValue) throws(BrokenInvariant) {
    var waiting: [(pointer: JSONPointer, value: JSONValue)] = [(JSONPointer(), root)]
    var at = 0
    while at < min(waiting.count, 64) {
        let (pointer, value) = waiting[at]
        at += 1
        try hold(root[pointer]?.offset == value.offset, "the pointer to a value leads to it")
        let written = JSONPointer(parsing: pointer.description)
        try hold(written.flatMap { root[$0] }?.offset == value.offset, "so does the pointer's text")
        for (index, element) in value.elements.prefix(64).enumerated() {
            waiting.append((pointer.appending(index), element))
        }
        for member in value.members.prefix(64) {
            waiting.append((pointer.appending(member.name.string ?? ""), member.value))
        }
    }
}
