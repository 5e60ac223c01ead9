public import StrictJSON

/// Why octets are no JWS in compact serialization. No case holds a part of the token.
public enum JWSError: Error, Hashable, Sendable {
    /// The parts of a token.
    public enum Part: String, Hashable, Sendable, CaseIterable {
        case header, payload, signature
    }

    /// Not three parts with a point between them.
    case notCompact
    /// A part is not strict base64url.
    case badBase64(Part)
    /// The header is not a JSON text within the limits; the place counts in the decoded header.
    case headerNotJSON(JSONError)
    /// The header is JSON, but no object.
    case headerNotObject
}

/// A JWS in compact serialization (RFC 7515 §7.1), taken apart but not verified: which parameters, key and algorithm
/// are acceptable is the caller's to decide, and nothing here picks an algorithm from the token.
public struct CompactJWS: Sendable {
    /// The token.
    public let bytes: [UInt8]
    /// The protected header, an object.
    public let header: JSONValue
    /// The payload, decoded.
    public let payload: [UInt8]
    /// The signature, decoded.
    public let signature: [UInt8]
    private let signingInputEnd: Int

    /// What the signature covers: everything before the second point (RFC 7515 §5.1).
    public var signingInput: ArraySlice<UInt8> { bytes[..<signingInputEnd] }

    /// Takes a token apart. The octets must be the token and nothing else; the caller bounds their count, and memory is
    /// at most about three times that.
    /// - Throws: ``JWSError`` for the first fault, from left to right.
    public init(parsing bytes: [UInt8], headerLimits: JSONLimits) throws(JWSError) {
        guard let first = bytes.firstIndex(of: Self.point),
            let second = bytes[(first + 1)...].firstIndex(of: Self.point),
            !bytes[(second + 1)...].contains(Self.point)
        else { throw .notCompact }
        let headerText = try Self.decode(bytes[..<first], .header)
        payload = try Self.decode(bytes[(first + 1)..<second], .payload)
        signature = try Self.decode(bytes[(second + 1)...], .signature)
        do {
            header = try JSONDocument(headerText, limits: headerLimits).root
        } catch {
            throw .headerNotJSON(error)
        }
        guard header.kind == .object else { throw .headerNotObject }
        self.bytes = bytes
        signingInputEnd = second
    }

    /// Whether the signature was made over the signing input with that key and that algorithm. The `alg` of the header
    /// is not looked at: the caller has compared it before.
    public func isSigned(by key: PublicKey, algorithm: SignatureAlgorithm) -> Bool {
        key.verify(signature, of: signingInput, algorithm: algorithm)
    }

    /// The octets of a token over a header and a payload. The caller puts the right `alg` into the header.
    /// - Throws: ``KeyError`` when the key does not allow the algorithm or cannot sign.
    public static func sign(
        header: JSON, payload: [UInt8], key: PrivateKey, algorithm: SignatureAlgorithm
    ) throws(KeyError) -> [UInt8] {
        var token = Base64URL.encoded(header.bytes)
        token.append(point)
        token.append(contentsOf: Base64URL.encoded(payload))
        let signature = try key.sign(token, algorithm: algorithm)
        token.append(point)
        token.append(contentsOf: Base64URL.encoded(signature))
        return token
    }

    private static let point = UInt8(ascii: ".")

    private static func decode(_ text: ArraySlice<UInt8>, _ part: JWSError.Part) throws(JWSError) -> [UInt8] {
        guard let bytes = Base64URL.decode(text) else { throw .badBase64(part) }
        return bytes
    }
}
