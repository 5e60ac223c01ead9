/// One fault of one file, with its place. The text says what is expected there and never repeats what stands there.
public struct YAMLFault: Error, Hashable, Sendable {
    /// The file as the caller named it.
    public var file: String
    /// Where in the file; nil where the fault is the file itself.
    public var place: Place?
    /// What is wrong.
    public var text: String

    /// A place in a file; both numbers start at 1, columns count Unicode scalars.
    public struct Place: Hashable, Sendable {
        /// The line.
        public var line: Int
        /// The column.
        public var column: Int

        /// A place.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// A fault.
    public init(file: String, place: Place? = nil, text: String) {
        self.file = file
        self.place = place
        self.text = text
    }
}

extension YAMLFault: CustomStringConvertible {
    /// `file:line:column: text`, or `file: text`.
    public var description: String {
        place.map { "\(file):\($0.line):\($0.column): \(text)" } ?? "\(file): \(text)"
    }
}

/// Collects the faults of any number of files while they are read, so that the reader never has to stop at the first.
public final class YAMLFaults {
    private var found: [YAMLFault] = []

    /// A collection without faults.
    public init() {}

    /// Whether nothing is wrong so far.
    public var isEmpty: Bool { found.isEmpty }

    /// Adds a fault.
    public func add(_ fault: YAMLFault) { found.append(fault) }

    /// The faults, those of one file together and in the order of their places.
    public var sorted: [YAMLFault] {
        var files: [String: Int] = [:]
        for fault in found where files[fault.file] == nil { files[fault.file] = files.count }
        let ranked = found.enumerated().map { index, fault in
            (fault, (files[fault.file] ?? 0, fault.place?.line ?? 0, fault.place?.column ?? 0, index))
        }
        return ranked.sorted { $0.1 < $1.1 }.map(\.0)
    }
}
