internal import JOSE
internal import StrictYAML

/// The anchors of `simpuld.yaml` and their revocation lists.
struct Trust {
    let store: TrustStore
    /// The anchors under which a certificate may name its agency itself.
    let naming: Set<SHA256Digest>

    private struct Anchor {
        let certificate: Certificate
        let names: Bool
        let lists: [RevocationList]

        init?(_ map: YAMLMap) {
            let place = map.required("anchor")
            let certificates = place?.certificateFile()
            let names = map.optional("names")?.boolean() ?? false
            let lists = map.optional("crl")?.list(atMost: 16) { $0.revocationFile() } ?? []
            guard let certificates else { return nil }
            guard certificates.count == 1, certificates[0].isCA else {
                place?.fault("expected a file with one certificate, a certification authority's")
                return nil
            }
            (certificate, self.names, self.lists) = (certificates[0], names, lists)
        }
    }

    init?(_ place: YAMLNode, generation: UInt64) {
        guard let anchors = place.list(atLeast: 1, atMost: 64, { $0.map(Anchor.init) }) else { return nil }
        store = TrustStore(
            anchors: anchors.map(\.certificate), revocationLists: anchors.flatMap(\.lists), generation: generation)
        naming = Set(anchors.filter(\.names).map(\.certificate.thumbprint))
    }
}
