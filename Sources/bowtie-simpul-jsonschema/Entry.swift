import ArgumentParser
import Glibc
import JSONSchema

/// The library JSONSchema behind the protocol of Bowtie, which runs the same cases through many implementations.
@main
struct BowtieHarness: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bowtie-simpul-jsonschema",
        abstract:
            "Answer Bowtie's commands, one JSON text a line, with the verdicts of Simpul's JSON Schema validator.",
        discussion: """
            Commands come on the standard input, answers leave on the standard output. Exit code 0 after 'stop' or at \
            the end of the input, 1 where a line cannot be answered.

            Example:
              echo '{"cmd":"start","version":1}' | bowtie-simpul-jsonschema
            """)

    @Flag(help: "Assert formats that are known; without it 'format' says nothing about validity.")
    var formatAssertion = false

    @Option(help: "Where whoever publishes this build has its home page, sources and issues.")
    var homepage = "https://simpul.example/"

    func run() throws {
        // A reader that has gone away is an error of the write, told like every other.
        signal(SIGPIPE, SIG_IGN)
        var lines = LineReader(descriptor: 0)
        do throws(HarnessError) {
            var harness = try Harness(formats: formatAssertion ? .assertionWhereKnown : .annotation, homepage: homepage)
            while let line = try lines.next() {
                guard let answer = try harness.answer(line) else { return }
                try LineWriter.write(answer, to: 1)
            }
        } catch {
            try? LineWriter.write("bowtie-simpul-jsonschema: line \(lines.count): \(error.detail)", to: 2)
            throw ExitCode(1)
        }
    }
}

/// Why a line cannot be answered. It ends the program: whoever speaks the protocol wrongly cannot be spoken with.
struct HarnessError: Error {
    /// English text that repeats nothing of the line.
    var detail: String
}
