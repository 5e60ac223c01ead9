public import JOSE
public import SimpulCore

/// The log's signed word for its size and root: a C2SP tlog-checkpoint, which is a signed note (protocol §5).
public struct Checkpoint: Hashable, Sendable {
    /// Whose log it is: the broker's id.
    public var origin: AgencyID
    /// How many leaves the tree has.
    public var size: UInt64
    /// The tree's root hash, 32 octets.
    public var root: [UInt8]

    /// A checkpoint that nobody has signed yet.
    public init(origin: AgencyID, size: UInt64, root: [UInt8]) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The checkpoint of a log's right edge.
    public init(origin: AgencyID, of frontier: MerkleFrontier) {
        self.init(origin: origin, size: frontier.size, root: frontier.root)
    }

    /// What is signed: origin, size and root, a line each.
    public var body: String { "\(origin)\n\(size)\n\(Self.base64(root))\n" }

    /// Reads a signed note whose text is a checkpoint. Its signatures are not looked at: ``isSigned(in:by:)`` does.
    /// - Returns: nil where the text is not written exactly as ``body`` writes it.
    public init?(parsing note: String) {
        let lines = note.split(separator: "\n", maxSplits: 4, omittingEmptySubsequences: false)
        guard lines.count == 5, lines[3].isEmpty, let origin = AgencyID(String(lines[0])), let size = UInt64(lines[1]),
            let root = Self.octets(base64: lines[2]), root.count == 32
        else { return nil }
        self.init(origin: origin, size: size, root: root)
        guard note.hasPrefix(body + "\n") else { return nil }
    }

    /// Whether a note has this body and one of its signatures is that Ed25519 key's, under the name of the origin.
    public func isSigned(in note: String, by key: PublicKey) -> Bool {
        guard key.kind == .ed25519, note.hasPrefix(body + "\n") else { return false }
        let wanted = "\(CheckpointSigner.dash)\(origin) "
        return note.dropFirst(body.count + 1).split(separator: "\n").prefix(16).contains { line in
            guard line.hasPrefix(wanted), let octets = Self.octets(base64: line.dropFirst(wanted.count)),
                octets.count == 68, Array(octets.prefix(4)) == CheckpointSigner.keyID(of: key, origin: origin)
            else { return false }
            return key.verify(octets.dropFirst(4), of: Array(body.utf8), algorithm: .EdDSA)
        }
    }

    /// Standard base64 with padding (RFC 4648 §4).
    static func base64(_ octets: [UInt8]) -> String {
        let text = Base64URL.encode(octets).utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self) + String(repeating: "=", count: (4 - text.count % 4) % 4)
    }

    private static func octets(base64 text: Substring) -> [UInt8]? {
        guard text.utf8.count <= 128 else { return nil }
        var letters: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "+"): letters.append(UInt8(ascii: "-"))
            case UInt8(ascii: "/"): letters.append(UInt8(ascii: "_"))
            case UInt8(ascii: "="): continue
            default: letters.append(byte)
            }
        }
        // Written again and compared, so there is one text for each value.
        guard let octets = Base64URL.decode(letters), base64(octets).utf8.elementsEqual(text.utf8) else { return nil }
        return octets
    }
}

/// Signs checkpoints, with a key that signs nothing else (protocol §5).
public struct CheckpointSigner: Sendable {
    static let dash = "\u{2014} "

    /// Whose log it is.
    public let origin: AgencyID
    private let key: PrivateKey
    private let keyID: [UInt8]

    /// What its checkpoints are verified with.
    public var publicKey: PublicKey { key.publicKey }

    /// A signer; nil where the key is not Ed25519.
    public init?(origin: AgencyID, key: PrivateKey) {
        guard key.publicKey.kind == .ed25519 else { return nil }
        self.origin = origin
        self.key = key
        keyID = Self.keyID(of: key.publicKey, origin: origin)
    }

    /// The signed note of a log's right edge: its text, a blank line and one signature line.
    public func note(of frontier: MerkleFrontier) throws(KeyError) -> String {
        let body = Checkpoint(origin: origin, of: frontier).body
        let signature = try key.sign(Array(body.utf8), algorithm: .EdDSA)
        return "\(body)\n\(Self.dash)\(origin) \(Checkpoint.base64(keyID + signature))\n"
    }

    /// The first 4 octets of SHA-256(origin ‖ LF ‖ 0x01 ‖ key), as C2SP signed-note asks for Ed25519.
    static func keyID(of key: PublicKey, origin: AgencyID) -> [UInt8] {
        // The 32 octets of an Ed25519 key stand at the end of its SubjectPublicKeyInfo (RFC 8410 §4).
        let input = Array(origin.description.utf8) + [0x0A, 0x01] + key.spki.suffix(32)
        return Array(SHA256.hash(input).bytes.prefix(4))
    }
}
