import ArgumentParser
import JOSE
import SimpulClient
import SimpulCore

/// `simpul jose`: tokens and messages of JOSE in general, outside of the network's profile.
struct Jose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify and open JOSE tokens with a key from a file, offline and without a profile.",
        discussion: """
            Whom a key belongs to is not asked: no chain, no date and no revocation list is looked at.

            Example:
              simpul jose verify --key signer.pem < token.jws
              simpul jose open --key key.pem < message.jwe
            """,
        subcommands: [Verify.self, Open.self])

    /// `simpul jose verify`: a compact JWS becomes its payload.
    struct Verify: SimpulCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify a compact JWS on the standard input, and write its payload as it is.",
            discussion: """
                The key's own alg, use and key_ops, or a certificate's key usage, have to allow it. Of a JWK Set the one \
                key is used that the token names by kid. Exit code 1 where the signature or a rule says no, 2 where the \
                key or the token cannot be read.

                Example:
                  simpul jose verify --key signer.pem < token.jws
                  simpul jose verify --key keys.json --allow ES256,EdDSA < token.jws
                """)

        @OptionGroup var output: OutputOption

        @Option(
            help: ArgumentHelp(
                "PEM with one public key, certificate or private key; or a JWK or JWK Set.", valueName: "file"))
        var key: String

        @Option(
            help: ArgumentHelp(
                "The algorithms to take, with commas between them.",
                valueName: "alg,…"))
        var allow = AllowedAlgorithms.all

        func validate() throws { try JoseInput.refuseStandardInput(key) }

        func perform(_ terminal: Terminal) async throws -> Int32 {
            let key = try JoseInput.key(key)
            let token = try FileAccess.read("-", limit: JoseInput.messageOctets)
            try JoseInput.write { () throws(JOSEFailure) in try key.verify(token, allowing: allow.algorithms) }
            return 0
        }
    }

    /// `simpul jose open`: a JWE becomes its plaintext.
    struct Open: SimpulCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open a JWE on the standard input, and write its plaintext as it is.",
            discussion: """
                Takes the compact, the flattened and the general serialization with A256GCM, and ECDH-ES+A256KW (P-256) \
                or RSA-OAEP-256. Of several recipients the one is meant that --kid or the JWK's own kid names; none is \
                tried in turn. Exit code 1 where it does not open or a rule says no, 2 where the key or the message \
                cannot be read.

                Example:
                  simpul jose open --key key.pem < message.jwe
                  simpul jose open --key key.json --kid 2026 < message.json
                """)

        @OptionGroup var output: OutputOption

        @Option(help: ArgumentHelp("PEM with one private key, or a private JWK.", valueName: "file"))
        var key: String

        @Option(help: ArgumentHelp("The kid of the recipient to be.", valueName: "kid"))
        var kid: String?

        func validate() throws { try JoseInput.refuseStandardInput(key) }

        func perform(_ terminal: Terminal) async throws -> Int32 {
            let key = try JoseInput.key(key)
            let message = try FileAccess.read("-", limit: JoseInput.messageOctets)
            try JoseInput.write { () throws(JOSEFailure) in try key.open(message, kid: kid) }
            return 0
        }
    }
}

/// A list of algorithms as `--allow` gives it.
struct AllowedAlgorithms: ExpressibleByArgument {
    static let all = AllowedAlgorithms(algorithms: Set(SignatureAlgorithm.allCases))

    let algorithms: Set<SignatureAlgorithm>

    private init(algorithms: Set<SignatureAlgorithm>) { self.algorithms = algorithms }

    /// Nil where a name is none of the asymmetric algorithms.
    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let known = names.compactMap { SignatureAlgorithm(rawValue: String($0)) }
        guard known.count == names.count else { return nil }
        algorithms = Set(known)
    }

    var defaultValueDescription: String { "every asymmetric one of RFC 7518 and RFC 8037" }
}

/// What both commands read and write.
private enum JoseInput {
    /// A key file of more octets is refused; a set of a hundred RSA keys has less than a tenth of it.
    static let keyOctets = 1024 * 1024
    /// A token or message of more octets is refused; a few times as many are in memory at once.
    static let messageOctets = 16 * 1024 * 1024

    static func refuseStandardInput(_ path: String) throws {
        guard path != "-" else { throw ValidationError("The standard input is the token; give the key as a file.") }
    }

    static func key(_ path: String) throws -> KeyFile {
        let bytes = try FileAccess.read(path, limit: keyOctets)
        do {
            return try KeyFile(parsing: bytes)
        } catch {
            throw ClientError(error)
        }
    }

    static func write(_ payload: () throws(JOSEFailure) -> [UInt8]) throws {
        let bytes: [UInt8]
        do {
            bytes = try payload()
        } catch {
            throw ClientError(error)
        }
        try FileAccess.write(bytes, descriptor: 1, of: "stdout")
    }
}

extension ClientError {
    /// A token that did not give its payload.
    fileprivate init(_ failure: JOSEFailure) {
        switch failure.outcome {
        case .refused:
            self.init(.refused, "jose-refused", LocalizedText(failure.reason, "Ditolak (\(failure.reason))"))
        case .unreadable:
            self.init(.unable, "jose-unreadable", LocalizedText(failure.reason, "Tidak terbaca (\(failure.reason))"))
        }
    }
}
