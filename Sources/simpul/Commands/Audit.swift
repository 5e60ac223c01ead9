import ArgumentParser
import JOSE
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import StrictJSON

/// `simpul audit`: checks of what a broker has kept.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what a broker has kept against its own log.",
        discussion: """
            Example:
              simpul audit verify --config hub/simpuld.yaml
            """,
        subcommands: [Verify.self])

    /// `simpul audit verify`: recomputes the log of a store and compares every row with it.
    struct Verify: SimpulCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute the log of a store and compare every row with it.",
            discussion: """
                Finds rows that were edited, dropped, swapped, added or cut off, and changes of the rules that two \
                approvers have not signed. It may run beside the broker. Exit code 1 where anything is found. \
                Certificates that are no longer in the roster are given by --sign-cert.

                Example:
                  simpul audit verify --config hub/simpuld.yaml
                  simpul audit verify --store copy.sqlite --log-cert log.pem --sign-cert sign.pem --sign-cert imm.pem
                """)

        @OptionGroup var output: OutputOption

        @Option(help: ArgumentHelp("The broker's simpuld.yaml.", valueName: "file"))
        var config: String?

        @Option(help: ArgumentHelp("The SQLite database, where it is not the one of --config.", valueName: "file"))
        var store: String?

        @Option(help: ArgumentHelp("The certificate of the key that signs checkpoints.", valueName: "file"))
        var logCert: String?

        @Option(
            help: ArgumentHelp("A sign certificate of the broker or of an agency; may be repeated.", valueName: "file"))
        var signCert: [String] = []

        func validate() throws {
            guard config != nil || store != nil else { throw ValidationError("Give --config, or --store.") }
            guard config != nil || !signCert.isEmpty else {
                throw ValidationError("Give --sign-cert with --store: receipts are verified with it.")
            }
        }

        func perform(_ terminal: Terminal) async throws -> Int32 {
            let subject = try AuditSubject(config: config, store: store, logCertificate: logCert, signers: signCert)
            let report: AuditReport
            do {
                let catalogue = try SchemaCatalogue.embedded()
                report = try StoreAudit.verify(
                    path: subject.store, checkpointKey: subject.checkpointKey, limits: subject.limits,
                    signers: { subject.signers[$0] }
                ) { receipt in
                    try? SignedStatement(receipt: receipt, catalogue: catalogue) { subject.signers[$0] }.statement
                }
            } catch let error as StoreError {
                throw ClientError(.unable, "store", LocalizedText(error.cause, error.cause))
            }
            try terminal.answer(json(report), text(report, terminal.language))
            return report.isClean ? 0 : 1
        }

        private func json(_ report: AuditReport) -> JSON {
            let findings = report.findings.map { finding -> JSON in
                [
                    "table": .string(finding.table), "key": .string(finding.key),
                    "kind": .string(finding.kind.rawValue), "detail": .string(finding.detail),
                ]
            }
            return [
                "clean": .bool(report.isClean), "leaves": .integer(Int(clamping: report.leaves)),
                "messages": .integer(report.messages), "deliveries": .integer(report.deliveries),
                "root": .string(report.root), "checkpointVerified": .bool(report.checkpointVerified),
                "findings": .array(findings), "unlisted": .integer(report.unlisted),
            ]
        }

        private func text(_ report: AuditReport, _ language: Language) -> String {
            let verdict =
                report.isClean
                ? LocalizedText("clean: every row is as it was written", "bersih: setiap baris sesuai yang ditulis")
                : LocalizedText("NOT clean", "TIDAK bersih")
            let signature =
                report.checkpointVerified
                ? LocalizedText("checkpoint verified", "tanda periksa sah")
                : LocalizedText("checkpoint not verified", "tanda periksa tidak diverifikasi")
            var lines = [
                verdict[language],
                "leaves \(report.leaves), messages \(report.messages), deliveries \(report.deliveries), root \(report.root)",
                signature[language],
            ]
            lines += report.findings.map(\.description)
            if report.unlisted > 0 { lines.append("… \(report.unlisted)") }
            return lines.joined(separator: "\n")
        }
    }
}

/// What is audited, and with which keys.
private struct AuditSubject: Sendable {
    let store: String
    let checkpointKey: PublicKey?
    let limits: Limits
    let signers: [SHA256Digest: Certificate]

    init(config: String?, store: String?, logCertificate: String?, signers files: [String]) throws(ClientError) {
        var signers: [Certificate] = []
        var hub: HubConfiguration?
        if let config {
            do {
                hub = try HubConfiguration.load(config, now: .now)
            } catch {
                throw ClientError(.unable, "config", LocalizedText(error.description, error.description))
            }
        }
        if let hub {
            signers.append(hub.identity.signing.certificate)
            for agency in hub.rules.roster.agencies.values {
                signers += agency.certificates.filter { $0.use == .sign }.map(\.certificate)
            }
        }
        for file in files { signers += try Self.certificates(in: file) }
        self.signers = Dictionary(signers.map { ($0.thumbprint, $0) }, uniquingKeysWith: { first, _ in first })
        self.store = store ?? hub?.database ?? ""
        limits = hub?.limits ?? Limits()
        let given = try logCertificate.flatMap { file throws(ClientError) in try Self.certificates(in: file).first }
        checkpointKey = (given ?? hub?.identity.logCertificate)?.publicKey
    }

    private static func certificates(in file: String) throws(ClientError) -> [Certificate] {
        do {
            let bytes = try FileAccess.read(file, limit: 64 * 1024)
            return try Certificate.chain(pem: String(decoding: bytes, as: UTF8.self))
        } catch let error as FileError {
            throw ClientError(error)
        } catch {
            throw ClientError(
                .unable, "file",
                LocalizedText("\(file): not a certificate in PEM", "\(file): bukan sertifikat PEM"))
        }
    }
}
