import COpenSSL
import Testing

@testable import JOSE

@Suite struct TrustStoreTests {
    static let now: Int64 = 1_790_000_000
    static let day: Int64 = 86_400
    static let authorityKey = PrivateKey.generate(.p256)
    static let leafKey = PrivateKey.generate(.p256)

    static func authority(
        _ name: String = "Akar", from: Int64 = now - 30 * day, until: Int64 = now + 30 * day
    ) throws
        -> Certificate
    {
        try CertificateAuthority.selfSigned(
            commonName: name, organisation: "CONTOH FIKTIF", key: authorityKey, notBefore: from, notAfter: until)
    }

    static func leaf(
        of issuer: Certificate, usages: [CertificateTemplate.ExtendedUsage] = [.clientAuth],
        from: Int64 = now - 10 * day, until: Int64 = now + 10 * day
    ) throws -> Certificate {
        try CertificateAuthority.issue(
            CertificateTemplate(commonName: "Daun", extendedUsages: usages, notBefore: from, notAfter: until),
            for: leafKey.publicKey, issuer: issuer, key: authorityKey)
    }

    static func list(
        of issuer: Certificate, revoking: [Certificate] = [], from: Int64 = now - day, until: Int64 = now + day,
        number: Int = 1
    ) throws -> RevocationList {
        try CertificateAuthority.revocationList(
            issuer: issuer, key: authorityKey, revoked: revoking.map { ($0.serialHex, now - 2 * day) },
            thisUpdate: from, nextUpdate: until, number: number)
    }

    static func store(_ anchors: [Certificate], _ lists: [RevocationList] = []) -> TrustStore {
        TrustStore(anchors: anchors, revocationLists: lists, generation: 1)
    }

    static func verdict(
        _ leaf: Certificate, _ store: TrustStore, _ purpose: TrustStore.Purpose = .any, at seconds: Int64 = now
    ) -> TrustStore.Verdict {
        store.verify(leaf, intermediates: [], purpose: purpose, at: seconds)
    }

    @Test func `without anchors, and under another one, nobody is trusted`() throws {
        let root = try Self.authority()
        let leaf = try Self.leaf(of: root)
        #expect(Self.verdict(leaf, Self.store([])) == .refused(.untrusted))
        let other = try Certificate(pem: Fixtures.root)
        #expect(Self.verdict(leaf, Self.store([other])) == .refused(.untrusted))
        #expect(Self.verdict(root, Self.store([])) == .refused(.untrusted))
        #expect(ERR_peek_error() == 0)
    }

    @Test func `an authority of the same name with another key does not help`() throws {
        let leaf = try Self.leaf(of: Self.authority())
        let impostor = try CertificateAuthority.selfSigned(
            commonName: "Akar", organisation: "CONTOH FIKTIF", key: .generate(.p256), notBefore: 0,
            notAfter: Self.now + Self.day)
        guard case .refused = Self.verdict(leaf, Self.store([impostor])) else {
            Issue.record("trusted")
            return
        }
    }

    @Test func `a leaf is trusted from its first second to before its last, also from the cache`() throws {
        let root = try Self.authority()
        let leaf = try Self.leaf(of: root)
        let store = Self.store([root])
        for _ in 0..<2 {
            #expect(Self.verdict(leaf, store) == .trusted(chain: [leaf, root]))
            #expect(Self.verdict(leaf, store, at: leaf.notBefore) == .trusted(chain: [leaf, root]))
            #expect(Self.verdict(leaf, store, at: leaf.notAfter - 1) == .trusted(chain: [leaf, root]))
            #expect(Self.verdict(leaf, store, at: leaf.notBefore - 1) == .refused(.notYetValid))
            #expect(Self.verdict(leaf, store, at: leaf.notAfter + 1) == .refused(.expired))
        }
    }

    @Test func `an expired anchor ends its leaves, also those in the cache`() throws {
        let root = try Self.authority(until: Self.now + Self.day)
        let leaf = try Self.leaf(of: root)
        let store = Self.store([root])
        #expect(Self.verdict(leaf, store) == .trusted(chain: [leaf, root]))
        #expect(Self.verdict(leaf, store, at: Self.now + 2 * Self.day) == .refused(.expired))
    }

    @Test func `a revoked leaf is refused and its neighbour is not`() throws {
        let root = try Self.authority()
        let (bad, good) = (try Self.leaf(of: root), try Self.leaf(of: root))
        let store = Self.store([root], [try Self.list(of: root, revoking: [bad])])
        #expect(Self.verdict(bad, store) == .refused(.revoked))
        #expect(Self.verdict(good, store) == .trusted(chain: [good, root]))
    }

    @Test func `an expired revocation list refuses everyone, also those in the cache`() throws {
        let root = try Self.authority()
        let leaf = try Self.leaf(of: root)
        let store = Self.store([root], [try Self.list(of: root)])
        #expect(Self.verdict(leaf, store) == .trusted(chain: [leaf, root]))
        #expect(Self.verdict(leaf, store, at: Self.now + Self.day + 1) == .refused(.crlExpired))
        #expect(Self.verdict(leaf, store, at: Self.now - 2 * Self.day) == .refused(.crlNotYetValid))
    }

    @Test func `a newer list that begins later ends a cached verdict`() throws {
        let root = try Self.authority()
        let leaf = try Self.leaf(of: root)
        let newer = try Self.list(of: root, revoking: [leaf], from: Self.now + 60, until: Self.now + 120, number: 2)
        let store = Self.store([root], [try Self.list(of: root), newer])
        #expect(Self.verdict(leaf, store) == .trusted(chain: [leaf, root]))
        #expect(Self.verdict(leaf, store, at: Self.now + 61) == .refused(.revoked))
    }

    @Test func `a list that another key signed, or of narrower scope, refuses`() throws {
        let leaf = try Certificate(pem: Fixtures.issuedByLeaf)
        #expect(leaf.issuer == "CN=Daun,O=CONTOH FIKTIF")
        let root = try Certificate(pem: Fixtures.root)
        let target = try Certificate(pem: Fixtures.nulName)
        let good = Self.store([root], [try RevocationList(pem: Fixtures.rootList)])
        #expect(Self.verdict(target, good) == .trusted(chain: [target, root]))
        let forged = Self.store([root], [try RevocationList(pem: Fixtures.forgedList)])
        #expect(Self.verdict(target, forged) == .refused(.badSignature))
        let scoped = Self.store([root], [try RevocationList(pem: Fixtures.scopedList)])
        guard case .refused = Self.verdict(target, scoped) else {
            Issue.record("trusted by a list that covers only authorities")
            return
        }
    }

    @Test func `an authority without a list is not asked for one`() throws {
        let chain = try [Fixtures.leaf, Fixtures.intermediate, Fixtures.root].map { try Certificate(pem: $0) }
        let store = Self.store([chain[2]], [try RevocationList(pem: Fixtures.rootList)])
        #expect(
            store.verify(chain[0], intermediates: [chain[1]], purpose: .tlsClient, at: Self.now)
                == .trusted(chain: chain))
    }

    @Test func `a purpose that the leaf does not name is refused`() throws {
        let root = try Self.authority()
        let store = Self.store([root])
        let client = try Self.leaf(of: root)
        #expect(Self.verdict(client, store, .tlsClient) == .trusted(chain: [client, root]))
        #expect(Self.verdict(client, store, .tlsServer) == .refused(.wrongPurpose))
        let unnamed = try Self.leaf(of: root, usages: [])
        #expect(Self.verdict(unnamed, store, .any) == .trusted(chain: [unnamed, root]))
        #expect(Self.verdict(unnamed, store, .tlsClient) == .refused(.wrongPurpose))
        #expect(Self.verdict(unnamed, store, .tlsServer) == .refused(.wrongPurpose))
    }

    @Test func `a leaf cannot issue`() throws {
        let chain = try [Fixtures.issuedByLeaf, Fixtures.leaf, Fixtures.intermediate, Fixtures.root]
            .map { try Certificate(pem: $0) }
        let verdict = Self.store([chain[3]])
            .verify(chain[0], intermediates: Array(chain[1...2]), purpose: .any, at: Self.now)
        #expect(verdict == .refused(.invalidCA) || verdict == .refused(.untrusted), "\(verdict)")
    }

    @Test func `an intermediate that is missing makes the leaf untrusted, one that is an anchor suffices`() throws {
        let (leaf, intermediate) = (try Certificate(pem: Fixtures.leaf), try Certificate(pem: Fixtures.intermediate))
        #expect(Self.verdict(leaf, Self.store([try Certificate(pem: Fixtures.root)])) == .refused(.untrusted))
        #expect(Self.verdict(leaf, Self.store([intermediate])) == .trusted(chain: [leaf, intermediate]))
    }

    @Test func `weak keys and unknown critical extensions are refused`() throws {
        let store = Self.store([try Certificate(pem: Fixtures.root)])
        #expect(Self.verdict(try Certificate(pem: Fixtures.weakLeaf), store) == .refused(.weak))
        let verdict = Self.verdict(try Certificate(pem: Fixtures.unknownCritical), store)
        #expect(verdict == .refused(.other("unhandled critical extension")))
    }

    @Test func `the formalities that common tools leave out are forgiven`() throws {
        let root = try Certificate(pem: Fixtures.bareRoot)
        let leaf = try Certificate(pem: Fixtures.bareLeaf)
        #expect(Self.verdict(leaf, Self.store([root])) == .trusted(chain: [leaf, root]))
    }

    @Test func `an authority may have another kind of key than its leaf`() throws {
        let (leaf, root) = (try Certificate(pem: Fixtures.p384Leaf), try Certificate(pem: Fixtures.p384Root))
        #expect(Self.verdict(leaf, Self.store([root])) == .trusted(chain: [leaf, root]))
    }

    @Test func `too many intermediates are refused before any work`() throws {
        let root = try Self.authority()
        let leaf = try Self.leaf(of: root)
        let many = [Certificate](repeating: root, count: 17)
        let verdict = Self.store([root]).verify(leaf, intermediates: many, purpose: .any, at: Self.now)
        #expect(verdict == .refused(.untrusted))
    }

    @Test func `the cache keeps trusted chains only, and no more than its size`() throws {
        let root = try Self.authority()
        let cache = VerdictCache(size: 8)
        for number in 0..<100 {
            let question = VerdictCache.Question(
                certificates: [SHA256.hash("\(number)".utf8)], purpose: .any)
            cache.keep([root], for: question, during: 10..<20)
            #expect(cache.count <= 8)
            #expect(cache.chain(for: question, at: 10) == [root])
            #expect(cache.chain(for: question, at: 20) == nil)
            #expect(cache.chain(for: question, at: 9) == nil)
        }
    }

    @Test func `every code of a refusal is its own`() {
        let all: [ChainRefusal] = [
            .untrusted, .expired, .notYetValid, .revoked, .crlMissing, .crlExpired, .crlNotYetValid, .wrongPurpose,
            .badSignature, .invalidCA, .weak, .other(""),
        ]
        #expect(Set(all.map(\.code)).count == all.count)
    }

    @Test func `one store answers many threads at the same time`() async throws {
        let root = try Self.authority()
        let leaves = try (0..<8).map { _ in try Self.leaf(of: root) }
        let store = Self.store([root], [try Self.list(of: root, revoking: [leaves[0]])])
        await withTaskGroup(of: Bool.self) { group in
            for round in 0..<64 {
                group.addTask {
                    let leaf = leaves[round % 8]
                    let trusted = Self.verdict(leaf, store) == .trusted(chain: [leaf, root])
                    return trusted == (round % 8 != 0)
                }
            }
            for await right in group { #expect(right) }
        }
    }
}
