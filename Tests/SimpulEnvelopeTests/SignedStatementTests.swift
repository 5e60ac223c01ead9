import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@Suite struct SignedStatementTests {
    let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    private func statement() throws -> ReceiptStatement {
        ReceiptStatement(
            .delivered, broker: network.broker.agency, sender: network.immigration.id,
            id: MessageID(version7At: network.now, random: SecureRandom.bytes(10)),
            digest: Digest(SHA256.hash([1, 2, 3])), at: network.now, agency: network.police.id)
    }

    private func refusal(of receipt: Receipt) -> StatementError? {
        do {
            _ = try SignedStatement(
                receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate)
            return nil
        } catch {
            return error
        }
    }

    private func endorsement(until: Timestamp? = nil) -> Endorsement {
        Endorsement(
            agency: network.police.id, use: .seal, thumbprint: network.police.seal.thumbprint, from: network.now,
            until: until ?? network.now.advanced(bySeconds: 86400))
    }

    @Test func `a receipt reads back as what was said`() throws {
        let statement = try statement()
        let receipt = try network.broker.receipt(statement)
        let read = try SignedStatement(
            receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate)
        #expect(read.statement == statement && read.signer == network.broker.certificate)
    }

    @Test func `a receipt of an unknown signer, with a changed part, or of another kind is not believed`() throws {
        let good = try network.broker.receipt(statement())
        #expect(try refusal(of: network.police.signing.receipt(statement())) == .unknownSigner)
        var changed = good.token
        let last = changed.count - 10
        changed[last] = changed[last] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(refusal(of: Receipt(token: changed)) == .badSignature)
        #expect(refusal(of: Receipt(token: Array("a.b".utf8))) == .malformed)
        let endorsement = try network.broker.endorsement(endorsement())
        #expect(refusal(of: Receipt(token: endorsement)) == .parameterRefused)
    }

    @Test func `a receipt whose payload breaks the schema is not believed`() throws {
        var statement = try statement()
        statement.agency = nil
        #expect(try refusal(of: network.broker.receipt(statement)) == .badStatement)
    }

    @Test func `an endorsement reads back as what was said`() throws {
        let token = try network.police.signing.endorsement(endorsement())
        let own = network.police.signing.certificate
        let read = try SignedStatement<Endorsement>(endorsement: token) { $0 == own.thumbprint ? own : nil }
        #expect(read.statement == endorsement())
        #expect(throws: StatementError.unknownSigner) {
            try SignedStatement<Endorsement>(endorsement: token) { _ in nil }
        }
        #expect(throws: StatementError.parameterRefused) {
            try SignedStatement<Endorsement>(endorsement: network.broker.receipt(statement()).token) { _ in own }
        }
    }
}
