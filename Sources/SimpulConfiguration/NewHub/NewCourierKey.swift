internal import JOSE
public import SimpulCore

/// A courier key for a hub that has none yet. Its certificate only carries the key: agencies believe the word that the
/// hub's `sign` key gives for it, so it is issued under an authority of this moment, which is forgotten.
public struct NewCourierKey: Sendable {
    /// The certificate, PEM.
    public let certificate: String
    /// The private key, PEM.
    public let key: String

    /// A fresh P-256 key.
    /// - Throws: where no key or certificate could be made.
    public init(hub: AgencyID, now: Timestamp) throws {
        let name = String(hub.description.prefix(64))
        let pair = try NewAuthority(name: name, now: now).courierPair(name)
        (certificate, key) = (pair.certificate.pem, pair.key.pem)
    }
}
