import ArgumentParser
import Glibc
import StrictJSON

/// Times the standards' libraries in this process, one task for each line of the standard input, so that whoever drives
/// it can measure others in between.
@main
struct StandardsBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standards-bench",
        abstract: "Time StrictJSON, JSONSchema and JOSE, a task a line.",
        discussion: """
            A task is an object on one line of the standard input; the answer is one line on the standard output: the \
            nanoseconds of one run, as the smallest of seven measurements, or why the task is none. A task that does not \
            do what it should (a document is refused, a signature is not good) is an error and no number.

              {"task":"parse","instances":["a.json"]}
              {"task":"parse-foundation","instances":["a.json"]}
              {"task":"validate","schema":"urn:example","resources":["s.json"],"instances":["a.json"]}
              {"task":"parse-validate","schema":"urn:example","resources":["s.json"],"instances":["a.json"]}
              {"task":"verify","algorithm":"ES256"}

            One run goes over all instances. Formats are asserted unless the task says "formats":false. "milliseconds" is \
            how long each measurement lasts (default 100).
            """)

    func run() throws {
        var tasks = Tasks()
        while let line = readLine() {
            let answer: JSON
            do {
                answer = ["nanoseconds": .number(try tasks.run(JSONDocument(Array(line.utf8)).root))]
            } catch {
                answer = ["error": .string("\(error)")]
            }
            print(answer.text)
            _ = fflush(nil)
        }
    }
}
