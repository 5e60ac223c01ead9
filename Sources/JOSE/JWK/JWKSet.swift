public import StrictJSON

/// A JWK Set (RFC 7517 §5).
public struct JWKSet: Sendable {
    /// The keys that are used here, in the order of the text.
    public let keys: [JWK]
    /// How many keys were passed over.
    public let ignored: Int

    /// Reads a set from its text; the caller bounds it.
    /// - Throws: ``JWKError``.
    public init(parsing bytes: [UInt8], limits: JWKLimits = JWKLimits()) throws(JWKError) {
        try self.init(parsing: try JWK.document(bytes), limits: limits)
    }

    /// Reads a set. Keys of a type, curve or size that is not used here are passed over, as RFC 7517 §5 asks. A key that
    /// claims to be of a used type and is broken makes the set unacceptable: somebody has damaged it.
    /// - Throws: ``JWKError`` for the first fault; more keys than the limit are refused before any is looked at.
    public init(parsing value: JSONValue, limits: JWKLimits = JWKLimits()) throws(JWKError) {
        guard value.kind == .object else { throw .malformed(.object) }
        guard let list = value["keys"], list.kind == .array else { throw .malformed(.keys) }
        guard list.count <= limits.keys else { throw .tooManyKeys }
        var keys: [JWK] = []
        var ignored = 0
        for element in list.elements {
            do throws(JWKError) {
                keys.append(try JWK(parsing: element, limits: limits))
            } catch {
                guard error.isUnsupported else { throw error }
                ignored += 1
            }
        }
        self.keys = keys
        self.ignored = ignored
    }

    /// The keys with that `kid`. RFC 7517 §4.5 lets two keys share one, so a set may have it; whoever needs the one key
    /// that was meant refuses where this is not exactly one, and tries none.
    public func keys(withID kid: String) -> [JWK] { keys.filter { $0.kid?.isExactly(kid) == true } }
}
