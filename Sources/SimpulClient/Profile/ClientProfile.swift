public import SimpulCore
internal import StrictYAML

/// The client's profile (`simpul.yaml`): who we are, which broker we speak with, and where our keys are. Paths in the
/// file start in its folder; here they start where the process does.
public struct ClientProfile: Sendable, Equatable {
    /// Who we are.
    public var agency: AgencyID
    /// The broker that we speak with.
    public var hub: AgencyID
    /// The broker's address.
    public var address: HubAddress
    /// PEM file of the authorities that the broker's certificate must chain to; no others are believed.
    public var authority: String
    /// For TLS.
    public var tls: KeyFiles
    /// For signatures.
    public var sign: KeyFiles
    /// For opening sealed bodies; at least one.
    public var seal: [KeyFiles]
    /// The folder of `sign` certificates that came out of band.
    public var known: String
    /// The folder of what is on its way, of receipts, and of what was handled.
    public var spool: String

    /// PEM files of a certificate and its private key.
    public struct KeyFiles: Sendable, Equatable {
        /// The certificate.
        public var certificate: String
        /// The private key.
        public var key: String

        /// A pair of files.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Reads a profile of at most 64 KiB.
    /// - Throws: ``ClientError`` of code `profile`; its detail has one line `file:line:column: what is wrong` for each
    ///   fault, every fault at once.
    public init(file path: String) throws(ClientError) {
        let faults = YAMLFaults()
        let file = YAMLFile(reading: path, atMost: 64 * 1024, into: faults)
        let profile = file?.read(into: faults) { ClientProfile($0) }
        guard let profile, faults.isEmpty else {
            let text = faults.sorted.map(\.description).joined(separator: "\n")
            throw ClientError(.unable, "profile", LocalizedText(text, text))
        }
        self = profile
    }

    private init?(_ map: YAMLMap) {
        let agency = map.required("agency")?.value("an agency id", AgencyID.init)
        let hub = map.required("hub")?.value("the id of a broker", AgencyID.init)
        let address = map.required("url")?.value("https://host or https://host:port", HubAddress.init)
        let authority = map.required("ca")?.path()
        let tls = map.required("tls")?.map(Self.keyFiles)
        let sign = map.required("sign")?.map(Self.keyFiles)
        let seals = map.required("seal")
        let seal = seals?.list(atMost: 16) { $0.map(Self.keyFiles) }
        if seal?.isEmpty == true { seals?.fault("expected at least one certificate and key") }
        let known = map.required("known")?.path()
        let spool = map.required("spool")?.path()
        guard let agency, let hub, let address, let authority, let tls, let sign, let seal, let known, let spool else {
            return nil
        }
        (self.agency, self.hub, self.address, self.authority) = (agency, hub, address, authority)
        (self.tls, self.sign, self.seal, self.known, self.spool) = (tls, sign, seal, known, spool)
    }

    private static func keyFiles(_ map: YAMLMap) -> KeyFiles? {
        let certificate = map.required("certificate")?.path()
        let key = map.required("key")?.path()
        guard let certificate, let key else { return nil }
        return KeyFiles(certificate: certificate, key: key)
    }
}

/// Where a broker is: an `https` address with a host, perhaps a port, and nothing else.
public struct HubAddress: Sendable, Equatable, CustomStringConvertible {
    /// `https://host:port`, without a slash at the end.
    public let description: String

    /// Parses an address; nil for another scheme, a user, a path, a query or a fragment.
    public init?(_ text: String) {
        let prefix = "https://"
        guard text.hasPrefix(prefix) else { return nil }
        var rest = text.dropFirst(prefix.count)
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.isEmpty, rest.utf8.count <= 300 else { return nil }
        var port: Substring?
        var host = rest
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            port = tail.isEmpty ? nil : tail.dropFirst()
            guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }), host.contains(":") else { return nil }
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        }
        if let port { guard let number = UInt16(port), number > 0 else { return nil } }
        let isName = host.utf8.allSatisfy { Self.mayStandInHost($0) }
        guard !host.isEmpty, isName else { return nil }
        description = prefix + rest
    }

    private static func mayStandInHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
