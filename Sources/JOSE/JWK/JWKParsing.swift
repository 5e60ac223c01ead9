public import StrictJSON

extension JWK {
    /// Reads a JWK from its text; the caller bounds it.
    /// - Throws: ``JWKError``.
    public init(parsing bytes: [UInt8], limits: JWKLimits = JWKLimits()) throws(JWKError) {
        try self.init(parsing: try Self.document(bytes), limits: limits)
    }

    /// Reads a JWK, public or private (RFC 7518 §6.2 and §6.3, RFC 8037 §2).
    ///
    /// Coordinates and EdDSA keys have exactly their curve's length, RSA's numbers no leading zero octets, and a private
    /// part must be that of the public part. Members that are not named there are ignored, as RFC 7517 §4 asks; among
    /// them `x5c`, `x5t`, `x5t#S256` and `x5u`: no key is taken from them and none is trusted for them.
    ///
    /// Whether RSA's `p` and `q` are primes is not looked at, nor whether an EdDSA key is a point: one that is not
    /// verifies nothing.
    /// - Throws: ``JWKError`` for the first fault.
    public init(parsing value: JSONValue, limits: JWKLimits = JWKLimits()) throws(JWKError) {
        guard value.kind == .object else { throw .malformed(.object) }
        let purpose = try Purpose(parsing: value)
        guard let type = value["kty"], type.kind == .string else { throw .malformed(.kty) }
        let isPrivate = value["d"] != nil
        let publicKey: PublicKey
        let privateKey: PrivateKey?
        if type.isString("EC") {
            (publicKey, privateKey) = try Self.elliptic(value, isPrivate)
        } else if type.isString("OKP") {
            (publicKey, privateKey) = try Self.edwards(value, isPrivate)
        } else if type.isString("RSA") {
            (publicKey, privateKey) = try Self.rsa(value, limits)
        } else {
            throw .unsupportedKeyType
        }
        self.init(publicKey, privateKey, purpose)
    }

    static func document(_ bytes: [UInt8]) throws(JWKError) -> JSONValue {
        do {
            return try JSONDocument(bytes, limits: JSONLimits(depth: 16)).root
        } catch {
            throw .notJSON(error)
        }
    }

    private static func elliptic(
        _ value: JSONValue, _ isPrivate: Bool
    ) throws(JWKError) -> (PublicKey, PrivateKey?) {
        guard let name = value["crv"], name.kind == .string else { throw .malformed(.crv) }
        guard let curve = NamedCurve.allCases.first(where: { name.isString($0.rawValue) }) else {
            throw .unsupportedCurve
        }
        let x = try octets(value, .x, count: curve.width)
        let y = try octets(value, .y, count: curve.width)
        guard let key = try? PublicKey(.point(curve, x: x, y: y)) else { throw .malformed(.x) }
        guard isPrivate else { return (key, nil) }
        let d = try octets(value, .d, count: curve.width)
        return (key, try matching(key, PrivateKey(d, on: curve)))
    }

    private static func edwards(_ value: JSONValue, _ isPrivate: Bool) throws(JWKError) -> (PublicKey, PrivateKey?) {
        guard let name = value["crv"], name.kind == .string else { throw .malformed(.crv) }
        guard let curve = EdwardsCurve.allCases.first(where: { name.isString($0.rawValue) }) else {
            throw .unsupportedCurve
        }
        let x = try octets(value, .x, count: curve.width)
        guard let key = try? PublicKey(.edwards(curve, x: x)) else { throw .malformed(.x) }
        guard isPrivate else { return (key, nil) }
        let d = try octets(value, .d, count: curve.width)
        return (key, try matching(key, PrivateKey(d, on: curve)))
    }

    private static func rsa(_ value: JSONValue, _ limits: JWKLimits) throws(JWKError) -> (PublicKey, PrivateKey?) {
        let (n, e) = (try number(value, .n), try number(value, .e))
        guard n.last.map({ $0 & 1 == 1 }) == true else { throw .malformed(.n) }
        let bits = n.count * 8 - (n.first?.leadingZeroBitCount ?? 0)
        guard limits.rsaBits.contains(bits), KeyKind.usableRSA.contains(bits) else { throw .unsupportedSize }
        guard e.count <= 4, e.last.map({ $0 & 1 == 1 }) == true, e != [1] else { throw .unsupportedExponent }
        guard let key = try? PublicKey(.rsa(n: n, e: e)) else { throw .malformed(.n) }
        let privateParts: [JWKError.Part] = [.d, .p, .q, .dp, .dq, .qi]
        guard value["oth"] == nil else { throw .unsupportedPrivateForm }
        guard let first = privateParts.first(where: { value[$0.rawValue] != nil }) else { return (key, nil) }
        if first == .d, privateParts.dropFirst().allSatisfy({ value[$0.rawValue] == nil }) {
            throw .unsupportedPrivateForm
        }
        let numbers = RSANumbers(
            n: n, e: e, d: try number(value, .d), p: try number(value, .p), q: try number(value, .q),
            dp: try number(value, .dp), dq: try number(value, .dq), qi: try number(value, .qi))
        guard numbers.areConsistent else { throw .inconsistent }
        return (key, try matching(key, PrivateKey(numbers)))
    }

    private static func matching(_ key: PublicKey, _ privateKey: PrivateKey?) throws(JWKError) -> PrivateKey {
        guard let privateKey, privateKey.publicKey == key else { throw .inconsistent }
        return privateKey
    }

    private static func octets(
        _ value: JSONValue, _ part: JWKError.Part, count: Int
    ) throws(JWKError) -> [UInt8] {
        guard let octets = value[part.rawValue]?.utf8.flatMap({ Base64URL.decode($0) }), octets.count == count else {
            throw .malformed(part)
        }
        return octets
    }

    /// Base64urlUInt (RFC 7518 §2), positive: as few octets as the number needs.
    private static func number(_ value: JSONValue, _ part: JWKError.Part) throws(JWKError) -> [UInt8] {
        guard let octets = value[part.rawValue]?.utf8.flatMap({ Base64URL.decode($0) }), octets.first ?? 0 != 0 else {
            throw .malformed(part)
        }
        return octets
    }
}

extension JWK.Purpose {
    private static let signing = ["sign", "verify"]
    private static let encrypting = ["encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"]

    /// Reads `kid`, `alg`, `use` and `key_ops` (RFC 7517 §4.2 to §4.5).
    fileprivate init(parsing value: JSONValue) throws(JWKError) {
        kid = try Self.text(value, .kid)
        algorithm = try Self.text(value, .alg)
        use = try Self.text(value, .use)
        operations = try Self.operations(value)
        let contradicting = use == "sig" ? Self.encrypting : use == "enc" ? Self.signing : []
        guard operations?.contains(where: { own in contradicting.contains { own.isExactly($0) } }) != true else {
            throw .contradictoryUse
        }
    }

    private static func text(_ value: JSONValue, _ part: JWKError.Part) throws(JWKError) -> String? {
        guard let member = value[part.rawValue] else { return nil }
        guard let text = member.string else { throw .malformed(part) }
        return text
    }

    private static func operations(_ value: JSONValue) throws(JWKError) -> [String]? {
        guard let member = value[JWKError.Part.keyOperations.rawValue] else { return nil }
        // There are eight registered operations; a list of more than thirty-two is none that anybody means.
        guard member.kind == .array, member.count <= 32 else { throw .malformed(.keyOperations) }
        var operations: [String] = []
        for element in member.elements {
            guard let operation = element.string, !operations.contains(where: { $0.isExactly(operation) }) else {
                throw .malformed(.keyOperations)
            }
            operations.append(operation)
        }
        return operations
    }
}
