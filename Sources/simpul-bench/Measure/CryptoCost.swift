import Glibc

/// What the cryptography of one message costs by itself, by the system's OpenSSL on this machine at this moment: one
/// ES256 verification (the sender's) and one ES256 signature (the receipt's).
struct CryptoCost: Sendable, Equatable {
    let signMicroseconds: Double
    let verifyMicroseconds: Double

    var microseconds: Double { signMicroseconds + verifyMicroseconds }

    /// Asks `openssl speed`; nil where there is no openssl. Takes about four seconds of one core.
    static func measure() -> CryptoCost? {
        let speed = try? Tool.output(of: "openssl", ["speed", "-seconds", "2", "-mr", "ecdsap256"])
        return speed.flatMap(CryptoCost.init(machineReadable:))
    }

    /// Reads the line `+F4:<index>:256:<signatures a second>:<verifications a second>`.
    init?(machineReadable text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("+F4:") {
            let fields = line.split(separator: ":")
            guard fields.count >= 5, fields[2] == "256", let signs = Double(fields[3]),
                let verifies = Double(fields[4]),
                signs > 0, verifies > 0
            else { continue }
            (signMicroseconds, verifyMicroseconds) = (1e6 / signs, 1e6 / verifies)
            return
        }
        return nil
    }
}
