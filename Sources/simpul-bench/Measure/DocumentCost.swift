import JOSE
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// What the schemas of a message cost beside the check of its signature: both in this process, on one core, in
/// interleaved rounds.
struct DocumentCost: Sendable {
    let message: LargestMessage
    let headerMicroseconds: Double
    let schemaMicroseconds: Double
    let verifyMicroseconds: Double
    let headerOctets: Int
    let bodyOctets: Int

    /// How many times each is done in a round.
    private static let times = 500

    /// Measures one message; medians of the rounds.
    /// - Throws: where the message is not valid, so that nothing is measured that ends early.
    init(_ message: LargestMessage, rounds: Int) throws {
        let catalogue = try SchemaCatalogue()
        let limits = Limits()
        guard let agency = AgencyID("id-1709.ngo.rumah-aman"), let headerJSON = message.document["header"],
            let bodyJSON = message.document["body"]
        else { throw BenchError("the message is no document") }
        let document = try EnvelopeDocument(parsing: message.document.bytes, limits: limits)
        _ = try catalogue.header(document.header)
        if let fault = catalogue.faults(inBody: document.body, of: .directory).first {
            throw BenchError("the message is not valid at \(fault.pointer)")
        }
        let key = PrivateKey.generate(.p256)
        let template = CertificateTemplate(commonName: "bench", notBefore: 0, notAfter: 4_000_000_000)
        let certificate = try CertificateAuthority.issue(
            template, for: key.publicKey,
            issuer: CertificateAuthority.selfSigned(
                commonName: "bench", key: key, notBefore: 0, notAfter: 4_000_000_000), key: key)
        guard let identity = SigningIdentity(agency: agency, certificate: certificate, key: key) else {
            throw BenchError("no key to sign with")
        }
        let envelope = try SignedEnvelope(
            parsing: identity.envelope(header: headerJSON, body: bodyJSON), limits: limits)
        var samples: (header: [Double], schema: [Double], verify: [Double]) = ([], [], [])
        for _ in 0..<rounds {
            samples.header.append(try Self.microseconds { _ = try catalogue.header(document.header) })
            samples.schema.append(
                try Self.microseconds {
                    _ = try catalogue.header(document.header)
                    _ = catalogue.faults(inBody: document.body, of: .directory)
                })
            samples.verify.append(Self.microseconds { _ = envelope.isSigned(by: certificate.publicKey) })
        }
        self.message = message
        headerMicroseconds = samples.header.sorted()[rounds / 2]
        schemaMicroseconds = samples.schema.sorted()[rounds / 2]
        verifyMicroseconds = samples.verify.sorted()[rounds / 2]
        (headerOctets, bodyOctets) = (headerJSON.bytes.count, bodyJSON.bytes.count)
    }

    private static func microseconds(_ body: () throws -> Void) rethrows -> Double {
        let spent = try ContinuousClock().measure { for _ in 0..<times { try body() } }
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        return seconds * 1e6 / Double(times)
    }

    /// A table of every message.
    static func table(rounds: Int) throws -> String {
        let rows = try LargestMessage.allCases.map { message -> String in
            let cost = try DocumentCost(message, rounds: rounds)
            func text(_ value: Double) -> String { String((value * 100).rounded() / 100) }
            return
                "| \(message.rawValue) | \(cost.headerOctets) | \(cost.bodyOctets) | \(text(cost.headerMicroseconds)) "
                + "| \(text(cost.schemaMicroseconds)) | \(text(cost.verifyMicroseconds)) "
                + "| \(text(cost.schemaMicroseconds / cost.verifyMicroseconds)) |"
        }
        return """
            | directory | header octets | body octets | header µs | header and body µs | ES256 check µs | ratio |
            |---|---:|---:|---:|---:|---:|---:|
            \(rows.joined(separator: "\n"))
            """
    }
}
