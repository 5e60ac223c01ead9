public import JOSE
public import SimpulCore
internal import StrictJSON

/// An envelope whose form and parameters are those of protocol §1. Nothing about it is verified yet: not the signature,
/// not the signer, not what it holds.
public struct SignedEnvelope: Sendable {
    /// The token, without a line end.
    public let bytes: [UInt8]
    /// The digest of the signing input: what the envelope is known by.
    public let digest: Digest
    /// The algorithm that the token claims.
    public let algorithm: SignatureAlgorithm
    /// The thumbprint of the certificate that is said to have signed.
    public let signer: SHA256Digest
    /// Whether the payload is raw DEFLATE.
    public let isCompressed: Bool
    let token: CompactJWS

    /// Checks size, form and parameters, in this order.
    /// - Throws: `too-large`, `not-jose`, `algorithm-refused` or `parameter-refused`.
    public init(parsing body: [UInt8], limits: Limits) throws(Refusal) {
        let bytes = Self.droppingLineEnd(body)
        guard bytes.count <= limits.envelopeBytes else { throw .envelopeTooLarge }
        // Base64url spends four octets on three.
        guard bytes.prefix(while: { $0 != UInt8(ascii: ".") }).count <= limits.joseHeaderBytes / 3 * 4 else {
            throw Refusal(.notJOSE, at: .verify, .notCompactJWS, diagnosis: "the protected header is too long")
        }
        do {
            token = try CompactJWS(parsing: bytes, headerLimits: JSONLimits(depth: 4, numbers: .interoperable))
        } catch {
            throw Refusal(.notJOSE, at: .verify, .notCompactJWS, diagnosis: "\(error)")
        }
        self.bytes = bytes
        digest = Digest(SHA256.hash(token.signingInput))
        let parameters = try EnvelopeParameters(token.header, type: "simpul+jws", mayCompress: true)
        algorithm = parameters.algorithm
        signer = parameters.signer
        isCompressed = parameters.isCompressed
    }

    /// Whether the signature is that key's, made with the algorithm that the token claims.
    /// False for a key or an algorithm that the protocol does not take.
    public func isSigned(by key: PublicKey) -> Bool {
        SignatureProfile.allows(algorithm, with: key) && token.isSigned(by: key, algorithm: algorithm)
    }

    /// The digest that anything sent as an envelope is known by, though it may be none: of its signing input where it
    /// has three parts, else nil.
    public static func digest(ofUnparsed body: [UInt8]) -> Digest? {
        let bytes = droppingLineEnd(body)
        guard bytes.count(where: { $0 == UInt8(ascii: ".") }) == 2,
            let end = bytes.lastIndex(of: UInt8(ascii: "."))
        else { return nil }
        return Digest(SHA256.hash(bytes[..<end]))
    }

    private static func droppingLineEnd(_ body: [UInt8]) -> [UInt8] {
        var bytes = body[...]
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        return Array(bytes)
    }
}

extension Digest {
    /// The text form of a SHA-256.
    public init(_ digest: SHA256Digest) {
        // A SHA256Digest always has the 32 octets that the text form needs.
        guard let digest = Digest(octets: digest.bytes) else { preconditionFailure("SHA-256 has 32 octets") }
        self = digest
    }
}

/// The protected header of every token in the protocol: `alg`, `x5t#S256`, `typ`, where allowed `zip`, and nothing else.
struct EnvelopeParameters {
    var algorithm: SignatureAlgorithm
    var signer: SHA256Digest
    var isCompressed: Bool

    init(_ header: JSONValue, type: String, mayCompress: Bool) throws(Refusal) {
        if let name = header["alg"]?.string {
            guard let known = SignatureAlgorithm(rawValue: name), SignatureProfile.algorithms.contains(known) else {
                throw .algorithmRefused
            }
            algorithm = known
        } else {
            throw .parameterRefused("alg")
        }
        let known: Set = mayCompress ? ["alg", "x5t#S256", "typ", "zip"] : ["alg", "x5t#S256", "typ"]
        for member in header.members where !known.contains(member.name.string ?? "") {
            throw .parameterRefused("a member that this profile does not know")
        }
        guard header["typ"]?.isString(type) == true else { throw .parameterRefused("typ") }
        guard let text = header["x5t#S256"]?.utf8, let octets = Base64URL.decode(text),
            let thumbprint = SHA256Digest(bytes: octets)
        else { throw .parameterRefused("x5t#S256") }
        signer = thumbprint
        isCompressed = header["zip"] != nil
        if let zip = header["zip"], !zip.isString("DEF") { throw .parameterRefused("zip") }
    }
}

extension LocalizedText {
    static let notCompactJWS = LocalizedText(
        "The body must be one JWS in compact serialization: three base64url parts without padding, the first one a JSON object.",
        "Isi permintaan harus satu JWS ringkas: tiga bagian base64url tanpa padding, yang pertama objek JSON.")
}

extension Refusal {
    static let envelopeTooLarge = Refusal(
        .tooLarge, at: .receive,
        LocalizedText(
            "The envelope is larger than this broker takes. Send less, or use attachments.",
            "Amplop lebih besar daripada yang diterima simpul ini. Perkecil, atau gunakan lampiran."))

    static let algorithmRefused = Refusal(
        .algorithmRefused, at: .verify,
        LocalizedText(
            "Sign with ES256, EdDSA or PS256; RS256 only where the roster allows it.",
            "Tanda tangani dengan ES256, EdDSA, atau PS256; RS256 hanya bila diizinkan daftar instansi."))

    static func parameterRefused(_ what: String) -> Refusal {
        Refusal(
            .parameterRefused, at: .verify,
            LocalizedText(
                "The protected header must have exactly alg, x5t#S256 and typ, and may have zip: \(what) is missing, unknown or has a value that is refused.",
                "Header terproteksi harus berisi tepat alg, x5t#S256, dan typ, boleh zip: \(what) tidak ada, tidak dikenal, atau nilainya ditolak."
            ),
            diagnosis: what)
    }
}
