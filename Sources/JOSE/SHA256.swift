import COpenSSL

/// A SHA-256 value (FIPS 180-4): always 32 octets.
public struct SHA256Digest: Hashable, Sendable {
    /// The 32 octets.
    public let bytes: [UInt8]

    /// A digest of 32 octets; nil for any other count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// A digest from exactly 64 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex.utf8) else { return nil }
        self.init(bytes: bytes)
    }

    /// A digest from exactly 43 letters of base64url, spare bits zero; nil for anything else.
    public init?(base64url: some StringProtocol) {
        guard let bytes = Base64URL.decode(base64url.utf8) else { return nil }
        self.init(bytes: bytes)
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }

    /// 43 letters of unpadded base64url, as in `x5t#S256`.
    public var base64url: String { Base64URL.encode(bytes) }

    fileprivate init(of bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = [UInt8](unsafeUninitializedCapacity: 32) { output, count in
            let done = withOpenSSL { scope in
                EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, nil, scope.borrow(SHA256.algorithm), nil)
            }
            precondition(done == 1, "SHA-256 cannot fail")
            count = 32
        }
    }
}

/// The hash function SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// Fetched once: looking an algorithm up costs as much as hashing a short message.
    fileprivate static let algorithm = OpenSSLHandle(EVP_MD_fetch(nil, "SHA256", nil), free: EVP_MD_free)

    /// The digest of octets.
    public static func hash(_ bytes: some Collection<UInt8>) -> SHA256Digest {
        bytes.withBytes { SHA256Digest(of: $0) }
    }
}

/// Lower-case hexadecimal digits.
enum Hex {
    static func encode(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for letter in text {
            guard let digit = digit(letter) else { return nil }
            if let upper = high {
                bytes.append(upper << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }

    private static func digit(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): letter - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
