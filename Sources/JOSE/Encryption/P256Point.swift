import COpenSSL

/// A point of the curve P-256, as the coordinates of an ephemeral key (RFC 7518 §6.2.1). The curve has cofactor 1, so
/// every point of it but infinity, which has no coordinates, is a valid public key (SEC 1 §3.2.2.1 without the last
/// check): there is no need to make a key object of it only to know that.
struct P256Point: Sendable {
    let x: [UInt8]
    let y: [UInt8]

    /// Read only once it is made, so that any number of threads may use it.
    private static let curve = OpenSSLHandle(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), free: EC_GROUP_free)

    /// Nil unless both have 32 octets, are below the field's prime, and are a point of the curve. Costs about a
    /// microsecond.
    init?(x: [UInt8], y: [UInt8]) {
        guard x.count == 32, y.count == 32, Self.isOnCurve([0x04] + x + y) else { return nil }
        (self.x, self.y) = (x, y)
    }

    /// The key whose point this is; nil where OpenSSL has no memory for it.
    var publicKey: PublicKey? { try? PublicKey(.point(.p256, x: x, y: y)) }

    private static func isOnCurve(_ octets: [UInt8]) -> Bool {
        withOpenSSL { scope in
            let group = scope.borrow(curve)
            guard let point = scope.own(EC_POINT_new(group), EC_POINT_free) else { return false }
            return EC_POINT_oct2point(group, point, octets, octets.count, nil) == 1
        }
    }
}
