public import SimpulCore
internal import SimpulEnvelope
internal import StrictJSON

/// What a check found in one file.
public struct CheckedFile: Sendable, Equatable {
    /// What became of a file; the raw value is the exit code that goes with it, and the worst one counts.
    public enum Verdict: Int32, Sendable {
        /// Nothing is wrong.
        case valid = 0
        /// It breaks its schema.
        case invalid = 1
        /// It could not be read, or is no JSON: it was not checked.
        case unable = 2
    }

    /// One fault.
    public struct Found: Sendable, Equatable {
        /// Where in the file, and what.
        public var fault: DocumentFault
        /// The way through the schema to the keyword, as a JSON pointer; nil where no schema was given.
        public var schemaLocation: String?
        /// Where in the file that is; nil where the file is no JSON.
        public var place: FilePlace?
        /// What the schemas of messages say of the member; nil for other schemas.
        public var member: LocalizedText?

        init(
            fault: DocumentFault, schemaLocation: String? = nil, place: FilePlace? = nil, member: LocalizedText? = nil
        ) {
            self.fault = fault
            self.schemaLocation = schemaLocation
            self.place = place
            self.member = member
        }
    }

    /// The file as it was named.
    public var file: String
    /// What became of it.
    public var verdict: Verdict
    /// What was found; empty for a valid file.
    public var found: [Found]
    /// Whether there is more than was listed.
    public var isCut: Bool

    init(_ file: String, _ verdict: Verdict, _ found: [Found] = [], isCut: Bool = false) {
        self.file = file
        self.verdict = verdict
        self.found = found
        self.isCut = isCut
    }

    init(_ file: String, unable error: FileError) {
        self.init(file, unable: "file", error.localizedReason)
    }

    init(_ file: String, unable error: JSONError) {
        let text = JSONFaultText.text(for: error.code).indonesian
        self.init(
            file, unable: "json-invalid", LocalizedText("\(error)", "\(error.line):\(error.column): \(text)"))
    }

    private init(_ file: String, unable keyword: String, _ text: LocalizedText) {
        let fault = DocumentFault(pointer: "", keyword: keyword, detail: text)
        self.init(file, .unable, [Found(fault: fault)])
    }
}
