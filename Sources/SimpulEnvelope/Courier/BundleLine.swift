public import JOSE
public import SimpulCore
internal import StrictJSON

/// One line of a courier bundle, taken apart: a compact JWS whose payload is the head, the line's place, and a JWE of
/// the items. Signed outside, so that nothing is decrypted or inflated for anybody who may not write; sealed inside.
public struct BundleLine: Sendable {
    static let tokenType = "simpul-bundle+jws"

    /// Which bundle it belongs to.
    public let head: BundleHead
    /// Its place, from 0.
    public let index: Int
    /// Whether it is the last one.
    public let isLast: Bool
    /// The digest of the line before; the first has none.
    public let previous: Digest?
    /// The thumbprint of the certificate that is said to have signed.
    public let signer: SHA256Digest
    /// The algorithm that the token claims.
    public let algorithm: SignatureAlgorithm
    /// The digest of its signing input.
    public let digest: Digest
    private let token: CompactJWS
    private let sealed: JSONValue

    /// Checks size, form and parameters. Nothing is verified or opened yet.
    /// - Throws: `too-large`, `bundle-invalid`, `algorithm-refused` or `parameter-refused`.
    public init(parsing octets: [UInt8], limits: Limits) throws(Refusal) {
        guard octets.count <= limits.bundleLineBytes else { throw .bundleTooLarge }
        do {
            token = try CompactJWS(parsing: octets, headerLimits: JSONLimits(depth: 4, numbers: .interoperable))
        } catch {
            throw .bundleInvalid("a line is no compact JWS")
        }
        let parameters: EnvelopeParameters
        do throws(Refusal) {
            parameters = try EnvelopeParameters(token.header, type: Self.tokenType, mayCompress: false)
        } catch {
            throw error.code == .parameterRefused ? .bundleInvalid("a line has other parameters") : error
        }
        (signer, algorithm) = (parameters.signer, parameters.algorithm)
        digest = Digest(SHA256.hash(token.signingInput))
        guard
            let payload = try? JSONDocument(token.payload, limits: JSONLimits(depth: 8, numbers: .interoperable)).root,
            let head = BundleHead(payload), let index = payload["index"]?.int, index >= 0,
            let isLast = payload["last"]?.bool, let sealed = payload["sealed"], sealed.kind == .object
        else { throw .bundleInvalid("a line's payload has not the form of version 1") }
        let previous = payload["previous"]?.string.flatMap { Digest($0) }
        guard (payload["previous"] != nil) == (index > 0), (previous != nil) == (index > 0) else {
            throw .bundleInvalid("a line's previous does not fit its index")
        }
        (self.head, self.index, self.isLast, self.previous, self.sealed) = (head, index, isLast, previous, sealed)
    }

    /// Whether the signature is that key's, made with the algorithm that the token claims.
    public func isSigned(by key: PublicKey) -> Bool {
        SignatureProfile.allows(algorithm, with: key) && token.isSigned(by: key, algorithm: algorithm)
    }

    /// What the line carries. Verify the signature first.
    /// - Parameter keys: certificates and keys that bundles are sealed to here.
    /// - Throws: `bundle-seal` where none of them opens it, or what was sealed belongs to another line;
    ///   `inflate-failed`, `too-large` or `bundle-invalid`.
    public func items(
        openedWith keys: [(certificate: Certificate, key: PrivateKey)], limits: Limits
    ) throws(Refusal) -> [BundleItem] {
        guard let jwe = try? JWE(parsing: sealed, recipientLimit: limits.sealRecipients) else { throw .bundleSeal }
        let names = Set(jwe.recipients.compactMap(\.kid))
        guard let pair = keys.first(where: { names.contains($0.certificate.thumbprint.base64url) }),
            let plaintext = try? jwe.open(with: pair.key, kid: pair.certificate.thumbprint.base64url)
        else { throw .bundleSeal }
        let document = try Self.document(in: plaintext, limits: limits)
        // Sealed text that was taken out of another line, whoever signs it anew.
        guard document["bundle"]?.isString(head.id.description) == true, document["index"]?.int == index,
            document["from"]?.isString(head.from.description) == true,
            document["for"]?.isString(head.recipient.description) == true
        else { throw .bundleSeal }
        guard let items = document["items"], items.kind == .array else { throw .bundleInvalid("a chunk has no items") }
        return items.elements.map(BundleItem.init)
    }

    private static func document(in plaintext: [UInt8], limits: Limits) throws(Refusal) -> JSONValue {
        let octets: [UInt8]
        do {
            octets = try Deflate.inflate(plaintext[...], limit: limits.bundleChunkBytes)
        } catch .tooLarge {
            throw .bundleTooLarge
        } catch {
            throw Refusal(.inflateFailed, at: .inflate, ErrorCode.inflateFailed.title.asSentence)
        }
        guard let document = try? JSONDocument(octets, limits: JSONLimits(depth: 8, numbers: .interoperable)) else {
            throw .bundleInvalid("a chunk is no strict JSON")
        }
        return document.root
    }
}

extension LocalizedText {
    fileprivate var asSentence: LocalizedText { LocalizedText(english + ".", indonesian + ".") }
}

/// The order of a bundle's lines: a state machine that takes them one by one.
public struct BundleSequence: Sendable {
    private let limits: Limits
    private var newest: (digest: Digest, index: Int, signer: SHA256Digest, isLast: Bool)?
    /// The head of the first line; nil before it.
    public private(set) var head: BundleHead?
    /// The items that were counted.
    public private(set) var items = 0

    /// Nothing was taken yet.
    public init(limits: Limits) { self.limits = limits }

    /// Takes the next line.
    /// - Throws: `bundle-incomplete` where it does not follow the one before, `too-large` where there are too many.
    public mutating func take(_ line: BundleLine) throws(Refusal) {
        guard line.index < limits.bundleChunks else { throw .bundleTooLarge }
        if let newest {
            guard !newest.isLast else { throw .bundleIncomplete("something follows the last line") }
            guard line.head == head, line.signer == newest.signer else {
                throw .bundleIncomplete("a line is of another bundle")
            }
            guard line.index == newest.index + 1, line.previous == newest.digest else {
                throw .bundleIncomplete("a line does not follow the one before")
            }
        } else {
            guard line.index == 0 else { throw .bundleIncomplete("the first line is missing") }
            head = line.head
        }
        newest = (line.digest, line.index, line.signer, line.isLast)
    }

    /// Counts the items of the line that was taken.
    /// - Throws: `too-large` where the bundle has too many.
    public mutating func count(_ more: Int) throws(Refusal) {
        items += more
        guard items <= limits.bundleItems else { throw .bundleTooLarge }
    }

    /// Says that nothing more comes.
    /// - Returns: the bundle's head.
    /// - Throws: `bundle-incomplete` where the last line is missing, `bundle-invalid` where there was none.
    @discardableResult
    public func end() throws(Refusal) -> BundleHead {
        guard let newest, let head else { throw .bundleInvalid("the file is empty") }
        guard newest.isLast else { throw .bundleIncomplete("the last line is missing") }
        return head
    }
}
