import COpenSSL
import NIOConcurrencyHelpers

/// The anchors and revocation lists of one moment, and the verdicts found with them. A change of anchors or lists is a
/// new store, with a new generation and an empty cache. Safe to use from any number of threads.
///
/// A chain is checked as RFC 5280 §6 says, with OpenSSL's strict rules, keys and hashes of at least 112 bits, and at
/// most eight certificates between leaf and anchor. Four formalities are forgiven, because common tools leave them out
/// and nothing rests on them: key identifiers, a key usage on an authority, and `critical` on its basic constraints.
/// An anchor need not be self-signed.
///
/// Every certificate of a chain whose issuer has a revocation list here is looked up in it; that list must be in time
/// and signed by the issuer. An issuer without any list here is not asked for one.
public struct TrustStore: Sendable {
    /// What a leaf is to be used for.
    public enum Purpose: Hashable, Sendable {
        /// A TLS client: the leaf's extended key usage must name it.
        case tlsClient
        /// A TLS server: the leaf's extended key usage must name it.
        case tlsServer
        /// Anything; the caller looks at the key usage.
        case any
    }

    /// What was found about a leaf.
    public enum Verdict: Sendable, Equatable {
        /// Trusted, by this chain: the leaf first, the anchor last.
        case trusted(chain: [Certificate])
        /// Not trusted.
        case refused(ChainRefusal)
    }

    /// The number the owner gave this store: higher is later.
    public let generation: UInt64
    /// The anchors, as given.
    public let anchors: [Certificate]
    /// The revocation lists, as given.
    public let revocationLists: [RevocationList]

    private let store: OpenSSLHandle
    private let cache: VerdictCache

    /// A store. Without anchors it trusts nobody.
    public init(anchors: [Certificate], revocationLists: [RevocationList], generation: UInt64) {
        self.init(anchors: anchors, revocationLists: revocationLists, generation: generation, cacheSize: 2048)
    }

    init(anchors: [Certificate], revocationLists: [RevocationList], generation: UInt64, cacheSize: Int) {
        (self.anchors, self.revocationLists, self.generation) = (anchors, revocationLists, generation)
        cache = VerdictCache(size: cacheSize)
        store = OpenSSLHandle(X509_STORE_new(), free: X509_STORE_free)
        withOpenSSL { scope in
            let pointer = scope.borrow(store)
            for anchor in anchors {
                let added = X509_STORE_add_cert(pointer, scope.borrow(anchor.handle))
                precondition(added == 1, "OpenSSL has no memory for an anchor")
            }
            for list in revocationLists {
                let added = X509_STORE_add_crl(pointer, scope.borrow(list.handle))
                precondition(added == 1, "OpenSSL has no memory for a revocation list")
            }
        }
    }

    /// Whether a leaf is to be trusted at a moment.
    ///
    /// A trusting verdict is kept and given again for the same certificates and purpose, but only for moments between
    /// which nothing in its chain, and no list of its issuers, begins or ends. Refusals are worked out each time.
    /// - Parameters:
    ///   - intermediates: what the peer sent besides its leaf, in any order; more than 16 are refused.
    ///   - seconds: the moment, in seconds since 1970.
    public func verify(
        _ leaf: Certificate, intermediates: [Certificate], purpose: Purpose, at seconds: Int64
    ) -> Verdict {
        guard intermediates.count <= 16 else { return .refused(.untrusted) }
        let question = VerdictCache.Question(
            certificates: ([leaf] + intermediates).map(\.thumbprint), purpose: purpose)
        if let chain = cache.chain(for: question, at: seconds) { return .trusted(chain: chain) }
        let verdict = workOut(leaf, intermediates, purpose, seconds)
        if case .trusted(let chain) = verdict {
            cache.keep(chain, for: question, during: window(of: chain, around: seconds))
        }
        return verdict
    }

    /// The moments around one at which the same chain is found the same: no begin and no end lies between.
    private func window(of chain: [Certificate], around seconds: Int64) -> Range<Int64> {
        let lists = revocationLists.filter { list in chain.contains { list.isIssued(by: $0) } }
        let edges =
            chain.flatMap { [$0.notBefore, $0.notAfter] } + lists.flatMap { [$0.thisUpdate, $0.nextUpdate] }
        let begin = edges.filter { $0 <= seconds }.max() ?? seconds
        let end = edges.filter { $0 > seconds }.min() ?? seconds
        return begin..<max(begin, end)
    }

    private func workOut(
        _ leaf: Certificate, _ intermediates: [Certificate], _ purpose: Purpose, _ seconds: Int64
    ) -> Verdict {
        withOpenSSL { scope in
            guard let context = scope.own(X509_STORE_CTX_new(), X509_STORE_CTX_free),
                let untrusted = scope.own(OPENSSL_sk_new_null(), OPENSSL_sk_free),
                intermediates.allSatisfy({ OPENSSL_sk_push(untrusted, UnsafeRawPointer(scope.borrow($0.handle))) > 0 }),
                X509_STORE_CTX_init(context, scope.borrow(store), scope.borrow(leaf.handle), untrusted) == 1
            else { return .refused(.other("out of memory")) }
            Self.setRules(context, purpose, seconds)
            guard X509_verify_cert(context) == 1 else {
                return .refused(ChainRefusal(X509_STORE_CTX_get_error(context)))
            }
            guard purpose.isNamed(by: leaf) else { return .refused(.wrongPurpose) }
            return chain(in: context, of: [leaf] + intermediates)
        }
    }

    private static func setRules(_ context: OpaquePointer, _ purpose: Purpose, _ seconds: Int64) {
        let rules = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(rules, time_t(seconds))
        X509_VERIFY_PARAM_set_depth(rules, 8)
        X509_VERIFY_PARAM_set_auth_level(rules, 2)
        let flags =
            X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST
            | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL
        X509_VERIFY_PARAM_set_flags(rules, UInt(flags))
        if let purpose = purpose.number { X509_VERIFY_PARAM_set_purpose(rules, purpose) }
        X509_STORE_CTX_set_verify_cb(context) { accepted, context in
            if accepted == 1 || TrustStore.isForgiven(context) { return 1 }
            return 0
        }
    }

    /// Whether a fault is one of the four formalities, or a revocation list missing of an issuer that has none here.
    private static func isForgiven(_ context: OpaquePointer?) -> Bool {
        switch X509_STORE_CTX_get_error(context) {
        case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER,
            X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, X509_V_ERR_CA_BCONS_NOT_CRITICAL:
            break
        case X509_V_ERR_UNABLE_TO_GET_CRL:
            let issuer = X509_get_issuer_name(X509_STORE_CTX_get_current_cert(context))
            if let lists = X509_STORE_CTX_get1_crls(context, issuer) {
                jose_crls_free(lists)
                return false
            }
        default: return false
        }
        X509_STORE_CTX_set_error(context, X509_V_OK)
        return true
    }

    /// OpenSSL's chain refers to the very objects it was given, so nothing needs to be parsed again.
    private func chain(in context: OpaquePointer, of given: [Certificate]) -> Verdict {
        let known = given + anchors
        var chain: [Certificate] = []
        let pointers = X509_STORE_CTX_get0_chain(context)
        for index in 0..<OPENSSL_sk_num(pointers) {
            guard let pointer = OPENSSL_sk_value(pointers, index),
                let certificate = known.first(where: { $0.handle.isSame(as: OpaquePointer(pointer)) })
            else { return .refused(.other("a certificate of unknown origin")) }
            chain.append(certificate)
        }
        return .trusted(chain: chain)
    }
}

extension TrustStore.Purpose {
    fileprivate var number: Int32? {
        switch self {
        case .tlsClient: X509_PURPOSE_SSL_CLIENT
        case .tlsServer: X509_PURPOSE_SSL_SERVER
        case .any: nil
        }
    }

    /// OpenSSL lets a leaf without extended key usage pass for every purpose; this module does not.
    fileprivate func isNamed(by leaf: Certificate) -> Bool {
        switch self {
        case .tlsClient: leaf.hasClientAuth
        case .tlsServer: leaf.hasServerAuth
        case .any: true
        }
    }
}
