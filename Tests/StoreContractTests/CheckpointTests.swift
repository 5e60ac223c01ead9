import JOSE
import SimpulBroker
import SimpulCore
import Testing

@Suite(.storesInTurn) struct CheckpointTests {
    private let origin: AgencyID
    private let signer: CheckpointSigner
    private var frontier = MerkleFrontier()

    init() throws {
        origin = try #require(AgencyID("id-1709.simpul"))
        signer = try #require(CheckpointSigner(origin: origin, key: PrivateKey.generate(.ed25519)))
        for leaf in 0..<3 { frontier.append(SHA256.hash([UInt8(leaf)]).bytes) }
    }

    @Test(arguments: [KeyKind.p256, .rsa2048])
    func `only an Ed25519 key signs checkpoints`(_ kind: KeyKind) {
        #expect(CheckpointSigner(origin: origin, key: PrivateKey.generate(kind)) == nil)
    }

    @Test func `another key, another origin or another root is not signed`() throws {
        let note = try signer.note(of: frontier)
        let checkpoint = Checkpoint(origin: origin, of: frontier)
        let other = try #require(CheckpointSigner(origin: origin, key: PrivateKey.generate(.ed25519)))
        #expect(!checkpoint.isSigned(in: note, by: other.publicKey))
        #expect(!Checkpoint(origin: origin, of: MerkleFrontier()).isSigned(in: note, by: signer.publicKey))
        let stranger = try #require(AgencyID("id-1709.lain"))
        #expect(!Checkpoint(origin: stranger, of: frontier).isSigned(in: note, by: signer.publicKey))
    }

    @Test func `a forged body does not keep the signature`() throws {
        let note = try signer.note(of: frontier)
        let forged = Checkpoint(origin: origin, size: 4, root: frontier.root)
        let signature = note.dropFirst(Checkpoint(origin: origin, of: frontier).body.count)
        #expect(!forged.isSigned(in: forged.body + signature, by: signer.publicKey))
    }

    @Test(arguments: ["03", "+3", " 3", "3 ", "-3", "", "18446744073709551616"])
    func `a size in another writing is no checkpoint`(_ size: String) throws {
        let note = try signer.note(of: frontier)
        let changed = note.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset == 1 ? size : String($0.element) }.joined(separator: "\n")
        #expect(Checkpoint(parsing: changed) == nil)
        #expect(Checkpoint(parsing: note) != nil)
    }

    @Test func `a note reads back to what was signed`() throws {
        let note = try signer.note(of: frontier)
        let read = try #require(Checkpoint(parsing: note))
        #expect(read == Checkpoint(origin: origin, of: frontier))
        #expect(read.isSigned(in: note, by: signer.publicKey))
    }

    @Test func `a witness's line beside the broker's does no harm`() throws {
        let note = try signer.note(of: frontier) + "\u{2014} witness.example AAAAAAAA\n"
        let read = try #require(Checkpoint(parsing: note))
        #expect(read.isSigned(in: note, by: signer.publicKey))
    }

    @Test func `a note is written as the specification of signed notes says`() throws {
        let note = try signer.note(of: frontier)
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 6 && lines[0] == "id-1709.simpul" && lines[1] == "3" && lines[3] == "" && lines[5] == "")
        // 32 octets are 44 letters of padded base64; key id and signature are 68 octets, 92 letters.
        #expect(lines[2].count == 44 && lines[2].hasSuffix("="))
        #expect(lines[4].hasPrefix("\u{2014} id-1709.simpul ") && lines[4].count == 2 + 15 + 92)
    }
}
