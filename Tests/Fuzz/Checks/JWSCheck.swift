import JOSE
import StrictJSON

extension FuzzTarget {
    /// JWS in compact serialization (RFC 7515), verified with a fixed key of each kind. Held true:
    /// * the parts, encoded again, are the token; every proper prefix up to the last point is no token;
    /// * a key verifies nothing under an algorithm that is not its own;
    /// * a signature that verifies does not verify for a longer payload, nor without its last octet;
    /// * verifying with a list of algorithms never takes what the list or the header does not name;
    /// * the same header and payload, signed here, verify;
    /// * OpenSSL's error queue is empty afterwards.
    static let jws = FuzzTarget(name: "jws") { bytes throws(BrokenInvariant) in
        try checkBase64URL(bytes)
        guard let token = try? CompactJWS(parsing: bytes, headerLimits: JSONLimits(depth: 16)) else { return }
        try withCleanQueue { () throws(BrokenInvariant) in
            try checkParts(of: token)
            try checkSignature(of: token)
            try checkVerification(of: token)
            try checkSigning(token)
        }
    }
}

private func checkBase64URL(_ bytes: [UInt8]) throws(BrokenInvariant) {
    try hold(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes, "what is encoded decodes to itself")
    guard let decoded = Base64URL.decode(bytes) else { return }
    try hold(Base64URL.encode(decoded).utf8.elementsEqual(bytes), "octets have one text only")
}

private func checkParts(of token: CompactJWS) throws(BrokenInvariant) {
    try hold(token.header.kind == .object, "a header is an object")
    let parts = token.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    try hold(parts.count == 3, "a token has three parts")
    let header = Base64URL.decode(parts[0]).flatMap { try? JSONDocument($0).root }
    try hold(header == token.header, "the header is the first part")
    try hold(Base64URL.encode(token.payload).utf8.elementsEqual(parts[1]), "the payload is the second part")
    try hold(Base64URL.encode(token.signature).utf8.elementsEqual(parts[2]), "the signature is the third part")
    try hold(token.signingInput == token.bytes.dropLast(parts[2].count + 1), "the signature covers what is before it")
    let unsigned = try? CompactJWS(parsing: Array(token.signingInput), headerLimits: JSONLimits())
    try hold(unsigned == nil, "a token without its signature is no token")
}

private func checkSignature(of token: CompactJWS) throws(BrokenInvariant) {
    for key in FixedKeys.all.map(\.publicKey) {
        for algorithm in SignatureAlgorithm.allCases where token.isSigned(by: key, algorithm: algorithm) {
            try hold(key.allows(algorithm), "a key verifies only what it allows")
            let longer = Array(token.signingInput) + [UInt8(ascii: "A")]
            try hold(!key.verify(token.signature, of: longer, algorithm: algorithm), "a signature is for one payload")
            let shorter = token.signature.dropLast()
            try hold(!key.verify(shorter, of: token.signingInput, algorithm: algorithm), "a signature is whole")
        }
    }
}

private func checkVerification(of token: CompactJWS) throws(BrokenInvariant) {
    for key in FixedKeys.all.map(\.publicKey) {
        try hold((try? token.verify(with: key, allowing: [])) == nil, "an empty list allows nothing")
        for algorithm in SignatureAlgorithm.allCases {
            guard let payload = try? token.verify(with: key, allowing: [algorithm]) else { continue }
            try hold(payload == token.payload, "what verifies is the payload")
            try hold(token.header["alg"]?.isString(algorithm.rawValue) == true, "the header names the algorithm")
            try hold(token.header["crit"] == nil && token.header["b64"] == nil, "no extension is understood")
            try hold(token.isSigned(by: key, algorithm: algorithm), "what verifies is signed")
        }
    }
}

private func checkSigning(_ token: CompactJWS) throws(BrokenInvariant) {
    let key = FixedKeys.ed25519
    let made = try? CompactJWS.sign(
        header: JSON(token.header), payload: token.payload, key: key, algorithm: key.defaultAlgorithm)
    let again = made.flatMap { try? CompactJWS(parsing: $0, headerLimits: JSONLimits()) }
    try hold(again?.header == token.header && again?.payload == token.payload, "a token that is signed here parses")
    try hold(again?.isSigned(by: key.publicKey, algorithm: .EdDSA) == true, "a token that is signed here verifies")
}
