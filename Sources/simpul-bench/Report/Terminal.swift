import Glibc

/// The standard output is the report's; what happens meanwhile goes to the standard error.
enum Terminal {
    static func note(_ text: String) { write("simpul-bench: \(text)\n", to: STDERR_FILENO) }

    static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
