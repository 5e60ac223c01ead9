import Glibc

/// What one process has used so far, as the kernel counts it.
struct ProcessUsage: Sendable {
    /// Processor time in user and kernel mode, in seconds; the kernel counts in hundredths.
    let processorSeconds: Double

    /// - Throws: ``BenchError`` where there is no such process.
    init(of pid: pid_t) throws(BenchError) {
        let text = try SmallFile.read("/proc/\(pid)/stat")
        guard let seconds = Self.seconds(inStat: text, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK))) else {
            throw BenchError("/proc/\(pid)/stat has not its form")
        }
        processorSeconds = seconds
    }

    /// The fields utime and stime of proc(5); the program's name before them may hold anything, a parenthesis too.
    static func seconds(inStat text: String, ticksPerSecond: Int) -> Double? {
        guard ticksPerSecond > 0, let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return Double(user + system) / Double(ticksPerSecond)
    }

    /// Resident memory of a process, in octets.
    static func residentBytes(of pid: pid_t) throws(BenchError) -> Int {
        let text = try SmallFile.read("/proc/\(pid)/status")
        guard let kibibytes = kibibytes("VmRSS", inStatus: text) else {
            throw BenchError("/proc/\(pid)/status names no VmRSS")
        }
        return kibibytes * 1024
    }

    static func kibibytes(_ name: String, inStatus text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        }
        return nil
    }
}
