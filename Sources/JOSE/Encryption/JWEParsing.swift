public import StrictJSON

extension JWE {
    private static let contentMembers: Set = ["protected", "iv", "ciphertext", "tag"]
    private static let recipientMembers: Set = ["header", "encrypted_key"]

    /// Takes a JWE in JSON serialization apart (RFC 7516 §7.2); nothing is decrypted yet. Every member and parameter that
    /// the profile does not take is refused, and in the narrow one a `kid` that is not printable ASCII.
    /// - Parameters:
    ///   - value: the JWE; the caller bounds its text.
    ///   - recipientLimit: more recipients are refused before any is looked at; each with an `epk` costs one check of a
    ///     curve point, about a microsecond.
    /// - Throws: ``JWEError``; which fault is told first is not promised.
    public init(
        parsing value: JSONValue, profile: JWEProfile = .narrow, recipientLimit: Int = 100
    ) throws(JWEError) {
        guard value.kind == .object else { throw .malformed(.object) }
        let isGeneral = value["recipients"] != nil
        try Self.refuseMembers(
            of: value, beyond: Self.contentMembers.union(isGeneral ? ["recipients"] : Self.recipientMembers))
        protectedText = try Self.text(value, "protected", .protected)
        iv = try Self.octets(value, "iv", .iv, count: AES256.ivLength)
        ciphertext = try Self.octets(value, "ciphertext", .ciphertext)
        tag = try Self.octets(value, "tag", .tag, count: AES256.tagLength)
        let shared = SharedHeader(parameters: try Self.protectedHeader(protectedText, profile), profile: profile)
        keys =
            try isGeneral
            ? Self.recipients(of: value, shared, atMost: recipientLimit) : [WrappedKey(parsing: value, shared)]
        let names = keys.compactMap(\.recipient.kid)
        guard Set(names).count == names.count else { throw .duplicateRecipient }
    }

    /// Takes a JWE in compact serialization apart (RFC 7516 §7.1): it is read as the flattened one that it stands for,
    /// by the same rules. The octets must be the JWE and nothing else; the caller bounds their count.
    /// - Throws: ``JWEError``; ``JWEError/malformed(_:)`` with `object` where there are not five parts.
    public init(parsingCompact bytes: [UInt8], profile: JWEProfile = .narrow) throws(JWEError) {
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 5, parts.allSatisfy({ $0.allSatisfy { (0x21...0x7E).contains($0) } }) else {
            throw .malformed(.object)
        }
        let names = ["protected", "encrypted_key", "iv", "ciphertext", "tag"]
        let flattened = JSON.object(
            zip(names, parts).map { JSON.Member($0, .string(String(decoding: $1, as: UTF8.self))) })
        guard let value = try? JSONDocument(flattened.bytes).root else { throw .malformed(.object) }
        try self.init(parsing: value, profile: profile)
    }

    /// What every recipient shares.
    fileprivate struct SharedHeader {
        let parameters: JSONValue
        let profile: JWEProfile
    }

    private static func recipients(
        of value: JSONValue, _ shared: SharedHeader, atMost limit: Int
    ) throws(JWEError) -> [WrappedKey] {
        guard let list = value["recipients"], list.kind == .array else { throw .malformed(.recipients) }
        guard list.count <= limit else { throw .tooManyRecipients }
        var keys: [WrappedKey] = []
        for element in list.elements {
            guard element.kind == .object else { throw .malformed(.recipients) }
            try refuseMembers(of: element, beyond: recipientMembers)
            keys.append(try WrappedKey(parsing: element, shared))
        }
        guard !keys.isEmpty else { throw .malformed(.recipients) }
        return keys
    }

    private static func protectedHeader(_ text: [UInt8], _ profile: JWEProfile) throws(JWEError) -> JSONValue {
        guard let bytes = Base64URL.decode(text),
            let header = try? JSONDocument(bytes, limits: JSONLimits(depth: 8)).root,
            header.kind == .object
        else { throw .malformed(.protected) }
        guard profile.takes(names(of: header), beside: ["enc"]) else { throw .forbiddenParameter }
        guard header["enc"]?.isString("A256GCM") == true else { throw .unsupportedEncryption }
        return header
    }

    static func refuseMembers(of value: JSONValue, beyond allowed: Set<String>) throws(JWEError) {
        guard names(of: value).isSubset(of: allowed) else { throw .forbiddenMember }
    }

    static func names(of value: JSONValue) -> Set<String> { Set(value.members.map { $0.name.string ?? "" }) }

    static func text(_ value: JSONValue, _ name: String, _ part: JWEError.Part) throws(JWEError) -> [UInt8] {
        guard let text = value[name]?.utf8 else { throw .malformed(part) }
        return text
    }

    static func octets(
        _ value: JSONValue, _ name: String, _ part: JWEError.Part, count: Int? = nil
    ) throws(JWEError) -> [UInt8] {
        guard let octets = Base64URL.decode(try text(value, name, part)), count == nil || octets.count == count else {
            throw .malformed(part)
        }
        return octets
    }
}

extension JWEProfile {
    private static let needed: Set = ["alg", "kid", "epk"]
    private static let refused: Set = ["crit", "zip"]

    fileprivate func takes(_ names: Set<String>, beside others: Set<String> = []) -> Bool {
        switch self {
        case .narrow: names.isSubset(of: Self.needed.union(others))
        case .standard: names.isDisjoint(with: Self.refused)
        }
    }
}

extension WrappedKey {
    /// Reads `header` and `encrypted_key` of an object; each parameter stands there or in the protected header.
    fileprivate init(parsing value: JSONValue, _ shared: JWE.SharedHeader) throws(JWEError) {
        let (protected, profile) = (shared.parameters, shared.profile)
        let own = value["header"]
        if let own {
            guard own.kind == .object else { throw .malformed(.header) }
            let names = JWE.names(of: own)
            guard profile.takes(names), names.isDisjoint(with: JWE.names(of: protected)) else {
                throw .forbiddenParameter
            }
        }
        func parameter(_ name: String) -> JSONValue? { own?[name] ?? protected[name] }
        let kid = try Self.kid(parameter("kid"), profile)
        guard let name = parameter("alg"), name.kind == .string else { throw .malformed(.alg) }
        // Octet by octet: Swift's strings take a Kelvin sign for a K.
        guard let algorithm = KeyManagement.allCases.first(where: { name.isString($0.rawValue) }) else {
            throw .unsupportedKeyManagement
        }
        recipient = JWE.Recipient(kid: kid, algorithm: algorithm)
        switch algorithm {
        case .ecdhESA256KW:
            encryptedKey = try JWE.octets(value, "encrypted_key", .encryptedKey, count: AES256.wrappedKeyLength)
            ephemeralKey = try Self.ephemeralKey(parameter("epk"))
            parties = (try Self.party(parameter("apu"), .apu), try Self.party(parameter("apv"), .apv))
        case .rsaOAEP256:
            encryptedKey = try JWE.octets(value, "encrypted_key", .encryptedKey)
            guard parameter("epk") == nil else { throw .forbiddenParameter }
            ephemeralKey = nil
            parties = ([], [])
        }
    }

    private static func kid(_ value: JSONValue?, _ profile: JWEProfile) throws(JWEError) -> String? {
        if value == nil, profile == .standard { return nil }
        guard let kid = value?.string else { throw .malformed(.kid) }
        guard profile == .standard || !kid.isEmpty && kid.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed(.kid)
        }
        return kid
    }

    private static func party(_ value: JSONValue?, _ part: JWEError.Part) throws(JWEError) -> [UInt8] {
        guard let value else { return [] }
        guard let octets = value.utf8.flatMap({ Base64URL.decode($0) }) else { throw .malformed(part) }
        return octets
    }

    /// A public JWK on P-256 with nothing else in it (RFC 7518 §6.2.1), its point on the curve.
    private static func ephemeralKey(_ value: JSONValue?) throws(JWEError) -> P256Point {
        guard let value, JWE.names(of: value) == ["kty", "crv", "x", "y"], value["kty"]?.isString("EC") == true,
            value["crv"]?.isString("P-256") == true
        else { throw .malformed(.epk) }
        let x = try JWE.octets(value, "x", .epk, count: 32)
        let y = try JWE.octets(value, "y", .epk, count: 32)
        guard let key = P256Point(x: x, y: y) else { throw .malformed(.epk) }
        return key
    }
}
