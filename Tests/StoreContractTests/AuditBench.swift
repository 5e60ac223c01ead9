import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// SQL that changes one thing, and the table, key and kind of a finding that must be among the report's.
struct Tampering: Sendable {
    var name: String
    var sql: [String]
    var table: String
    var key: String
    var kind: AuditReport.Finding.Kind

    init(
        _ name: String, _ sql: String..., finds table: String, _ key: String, _ kind: AuditReport.Finding.Kind
    ) {
        self.name = name
        self.sql = sql
        self.table = table
        self.key = key
        self.kind = kind
    }
}

/// The steps that audits' tests repeat.
extension Bench {
    /// Leaves: 0 policy, 1-3 accepted, 4-6 delivered, 7 acknowledged (of 1), 8 opened (of 2).
    func fill() async throws {
        let digest = Digest(SHA256.hash([1]))
        try await store.append(LogRecord(.policy, digest: digest, at: now))
        for urgency in ["Immediate", "Expected", "Future"] {
            _ = try await accept(message { $0.header["urgency"] = .string(urgency) })
        }
        let leased = try await claim()
        _ = try await settle(leased[0].token)
        _ = try await settle(leased[1].token, as: .opened)
    }

    func audit(withKey: Bool = true) throws -> AuditReport {
        let network = network
        return try StoreAudit.verify(
            path: path, checkpointKey: withKey ? checkpoints.publicKey : nil
        ) { receipt in
            try? SignedStatement(
                receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate
            ).statement
        }
    }

    func tamper(_ sql: String...) throws { try tamper(sql: sql) }

    func tamper(sql: [String]) throws {
        let database = try RawDatabase(path)
        try database.execute("PRAGMA foreign_keys = OFF")
        for statement in sql { try database.execute(statement) }
    }

    func keys() throws -> [(String, String)] {
        try RawDatabase(path).rows("SELECT seq, sender || '/' || id FROM messages").map {
            (String(decoding: $0[0], as: UTF8.self), String(decoding: $0[1], as: UTF8.self))
        }
    }
}
