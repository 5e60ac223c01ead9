import JOSE
import StrictJSON

extension FuzzTarget {
    /// JWK and JWK Set (RFC 7517, RFC 7518 §6, RFC 8037). Held true:
    /// * a key that is read has a thumbprint, and its public JWK reads back to the same key, thumbprint and name;
    /// * no public JWK holds a private member;
    /// * a private key signs what its public half verifies;
    /// * a set has no more keys than the limit, and each is a key by itself;
    /// * OpenSSL's error queue is empty afterwards.
    static let jwk = FuzzTarget(name: "jwk") { bytes throws(BrokenInvariant) in
        try withCleanQueue { () throws(BrokenInvariant) in
            if let key = try? JWK(parsing: bytes) { try checkKey(key) }
            guard let set = try? JWKSet(parsing: bytes, limits: JWKLimits(keys: 4)) else { return }
            try hold(set.keys.count + set.ignored <= 4, "a set has no more keys than the limit")
            for key in set.keys { try checkKey(key) }
        }
    }
}

private func checkKey(_ key: JWK) throws(BrokenInvariant) {
    try hold(key.publicKey.kind != .other, "a key that is read is of a used kind")
    guard let json = key.publicJSON, let thumbprint = key.thumbprint else {
        throw BrokenInvariant(description: "a key that is read can be written")
    }
    let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
    try hold(privateMembers.allSatisfy { json[$0] == nil }, "a public JWK holds nothing private")
    let again = try? JWK(parsing: json.bytes)
    try hold(again?.publicKey == key.publicKey, "a public JWK reads back")
    try hold(again?.thumbprint == thumbprint && again?.privateKey == nil, "a thumbprint is of the public key")
    try hold(again?.kid.map { Array($0.utf8) } == key.kid.map { Array($0.utf8) }, "a key keeps its name")
    guard let own = key.privateKey else { return }
    let octets: [UInt8] = [1, 2, 3]
    guard let signature = try? own.sign(octets, algorithm: own.defaultAlgorithm) else {
        throw BrokenInvariant(description: "a private key signs")
    }
    let verifies = key.publicKey.verify(signature, of: octets, algorithm: own.defaultAlgorithm)
    try hold(verifies, "what a private key signs its public half verifies")
}
