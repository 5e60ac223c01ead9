import Glibc
import StrictJSON

/// What the answer to `start` says of this implementation.
enum Implementation {
    /// The version of this program.
    static let version = "0.1.0"

    static func metadata(homepage: String) -> JSON {
        let system = System()
        return [
            "language": "swift", "name": "simpul-jsonschema", "version": .string(version),
            "homepage": .string(homepage), "documentation": .string(homepage), "issues": .string(homepage),
            "source": .string(homepage), "dialects": [.string(Harness.dialect)],
            "os": .string(system.name), "os_version": .string(system.release),
            "language_version": .string(languageVersion),
        ]
    }

    /// The language's version, as far as a program can ask its compiler.
    private static var languageVersion: String {
        #if compiler(>=7.0)
            "7"
        #elseif compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    /// The names that the kernel gives itself.
    private struct System {
        var name = ""
        var release = ""

        init() {
            var names = utsname()
            guard uname(&names) == 0 else { return }
            name = withUnsafeBytes(of: &names.sysname) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            release = withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
    }
}
