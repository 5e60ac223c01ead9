import Glibc
import StrictJSON

/// What the numbers were measured on, and with.
struct Machine: Sendable {
    let processors: Int
    let model: String
    let kernel: String
    let commit: String
    let commandLine: String

    static func describe() -> Machine {
        let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let model = (try? SmallFile.read("/proc/cpuinfo")).flatMap(Self.model) ?? "unknown"
        let kernel = (try? SmallFile.read("/proc/sys/kernel/osrelease")) ?? "unknown"
        let commit = (try? Tool.output(of: "git", ["rev-parse", "--short", "HEAD"])) ?? "unknown"
        return Machine(
            processors: processors, model: model, kernel: trimmed(kernel), commit: trimmed(commit),
            commandLine: (["simpul-bench"] + CommandLine.arguments.dropFirst()).joined(separator: " "))
    }

    static func model(inCPUInfo text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("model name") {
            return line.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
        }
        return nil
    }

    private static func trimmed(_ text: String) -> String { String(text.prefix { $0 != "\n" }) }

    var json: JSON {
        [
            "processors": .integer(processors), "model": .string(model), "kernel": .string(kernel),
            "commit": .string(commit), "commandLine": .string(commandLine),
        ]
    }
}
