internal import StrictJSON

extension KeyFile {
    /// The payload of a JWS in compact serialization, if the owner of this key signed it with one of these algorithms.
    /// Of a set the one key is used that the token names by `kid`.
    /// - Parameter text: the token and at most one line end; the caller bounds it.
    /// - Throws: ``JOSEFailure``.
    public func verify(
        _ text: [UInt8], allowing allowed: Set<SignatureAlgorithm>
    ) throws(JOSEFailure) -> [UInt8] {
        let bytes = Self.droppingLineEnd(text)
        guard bytes.first != UInt8(ascii: "{") else {
            throw JOSEFailure(.unreadable, "the token: a JWS in JSON serialization; only the compact one is taken")
        }
        let token: CompactJWS
        do {
            token = try CompactJWS(parsing: bytes, headerLimits: JSONLimits(depth: 32))
        } catch {
            throw JOSEFailure(error)
        }
        do throws(JWSRefusal) {
            return try verify(token, allowing: allowed)
        } catch {
            throw JOSEFailure(error)
        }
    }

    private func verify(
        _ token: CompactJWS, allowing allowed: Set<SignatureAlgorithm>
    ) throws(JWSRefusal) -> [UInt8] {
        switch self {
        case .publicKey(let key): return try token.verify(with: key, allowing: allowed)
        case .privateKey(let key): return try token.verify(with: key.publicKey, allowing: allowed)
        case .jwk(let key): return try token.verify(with: key, allowing: allowed)
        case .jwkSet(let keys): return try token.verify(with: keys, allowing: allowed)
        case .certificate(let certificate):
            guard certificate.allows(.digitalSignature) else { throw .keyUse }
            return try token.verify(with: certificate.publicKey, allowing: allowed)
        }
    }

    /// The plaintext of a JWE in any serialization, if it is sealed to this key, which must be a private one.
    /// - Parameters:
    ///   - text: the JWE; the compact one with at most one line end. The caller bounds it.
    ///   - kid: which recipient to be, where there are several. Without it the JWK's own `kid` says it; no recipient is
    ///     tried in turn.
    /// - Throws: ``JOSEFailure``.
    public func open(_ text: [UInt8], kid: String? = nil) throws(JOSEFailure) -> [UInt8] {
        let key = try openingKey
        do throws(JWEError) {
            return try Self.message(text).open(with: key, kid: kid)
        } catch {
            throw JOSEFailure(error)
        }
    }

    private var openingKey: JWK {
        get throws(JOSEFailure) {
            switch self {
            case .privateKey(let key): return JWK(key)
            case .jwk(let key) where key.privateKey != nil: return key
            case .jwk, .publicKey, .certificate:
                throw JOSEFailure(.unreadable, "the key: a public one; opening takes the private half")
            case .jwkSet:
                throw JOSEFailure(.unreadable, "the key: a set; opening takes the one JWK that the message is for")
            }
        }
    }

    private static func message(_ text: [UInt8]) throws(JWEError) -> JWE {
        let isJSON = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        guard isJSON else { return try JWE(parsingCompact: droppingLineEnd(text), profile: .standard) }
        guard let value = try? JSONDocument(text, limits: JSONLimits(depth: 32)).root else {
            throw .malformed(.object)
        }
        return try JWE(parsing: value, profile: .standard)
    }

    private static func droppingLineEnd(_ text: [UInt8]) -> [UInt8] {
        guard text.last == UInt8(ascii: "\n") else { return text }
        let line = text.dropLast()
        return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }
}
