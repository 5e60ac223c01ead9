internal import JOSE

/// What settles one lease: 128 random bits, as 22 characters of base64url. Stores keep only its digest, and nobody but
/// the agency that leased ever sees it.
public struct DeliveryToken: Hashable, Sendable {
    /// The token's text.
    public let text: String

    /// A fresh token.
    public init() { text = Base64URL.encode(SecureRandom.bytes(16)) }

    /// Parses a token; nil where the text is no base64url of 16 octets.
    public init?(_ text: String) {
        guard text.utf8.count == 22, Base64URL.decode(Array(text.utf8))?.count == 16 else { return nil }
        self.text = text
    }

    /// SHA-256 of the text: what a store keeps.
    public var stored: [UInt8] { SHA256.hash(Array(text.utf8)).bytes }
}
