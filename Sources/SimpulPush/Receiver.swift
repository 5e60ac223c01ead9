internal import JOSE
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOSSL
internal import SimpulBroker
internal import SimpulCore

/// Judges who answers at an endpoint: OpenSSL and the hub's trust decide, nothing of the TLS library's own.
final class Receiver: Sendable {
    /// Certificates that a server may send; the leaf and what `TrustStore` takes besides.
    private static let longestChain = 17

    private let endpoint: PushEndpoint
    private let chain = NIOLockedValueBox<[Certificate]>([])
    private let found = NIOLockedValueBox<PushTrouble?>(nil)

    init(_ endpoint: PushEndpoint) { self.endpoint = endpoint }

    /// Why it was refused.
    var trouble: PushTrouble? { found.withLockedValue { $0 } }

    /// What the server sent in the handshake.
    /// - Returns: whether it may have a delivery.
    func judge(_ sent: [NIOSSLCertificate], by trust: TrustStore, at now: Timestamp) -> Bool {
        let parsed = sent.prefix(Self.longestChain).compactMap { certificate in
            (try? certificate.toDERBytes()).flatMap { try? Certificate(der: $0) }
        }
        guard !parsed.isEmpty, parsed.count == sent.count else {
            return refuse(PushTrouble(.certificateRefused, detail: "malformed"))
        }
        chain.withLockedValue { $0 = parsed }
        return isTrusted(by: trust, at: now)
    }

    /// Whether it may still have a delivery: certificates end and are revoked while a connection is kept.
    func isTrusted(by trust: TrustStore, at now: Timestamp) -> Bool {
        let chain = chain.withLockedValue { $0 }
        guard let leaf = chain.first else { return false }
        let verdict = trust.verify(
            leaf, intermediates: Array(chain.dropFirst()), purpose: .tlsServer, at: now.seconds)
        if case .refused(let refusal) = verdict {
            return refuse(PushTrouble(.certificateRefused, detail: refusal.code))
        }
        let isNamed =
            switch endpoint.host {
            case .name(let name): leaf.names(host: name)
            case .address(let address): leaf.names(address: address.octets)
            }
        return isNamed || refuse(PushTrouble(.nameMismatch))
    }

    private func refuse(_ trouble: PushTrouble) -> Bool {
        found.withLockedValue { $0 = trouble }
        return false
    }
}
