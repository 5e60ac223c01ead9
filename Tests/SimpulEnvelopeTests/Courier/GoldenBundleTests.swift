import Foundation
import JOSE
import SimpulCore
import SimpulEnvelope
import Testing

/// Bundles that were made once, by the first version: every later one reads them. Their keys and agencies are made up.
@Suite struct GoldenBundleTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Courier/golden")

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    @Test(arguments: ["broker", "agency"]) func `a bundle of version 1 is read for ever`(_ name: String) throws {
        let signer = try Certificate(pem: text("\(name)-sign.pem"))
        let keys = [
            (
                certificate: try Certificate(pem: text("\(name)-seal.pem")),
                key: try PrivateKey(pem: text("\(name)-seal-key.pem"))
            )
        ]
        var sequence = BundleSequence(limits: Limits())
        var lines: [String] = []
        for octets in Array(try text("\(name).bundle").utf8).split(separator: UInt8(ascii: "\n")) {
            let line = try BundleLine(parsing: Array(octets), limits: Limits())
            #expect(line.signer == signer.thumbprint && line.isSigned(by: signer.publicKey))
            try sequence.take(line)
            let items = try line.items(openedWith: keys, limits: Limits())
            try sequence.count(items.count)
            lines += items.map(\.summary)
        }
        let head = try sequence.end()
        lines.insert("bundle \(head.id) from \(head.from) for \(head.recipient) at \(head.at)", at: 0)
        #expect(sequence.items + 1 == lines.count)
        let expected = try text("\(name).items").split(separator: "\n").map { line in
            // A reader passes over what it does not know; ours does not say what it was.
            line.hasPrefix("unknown") ? "unknown" : String(line)
        }
        #expect(lines == expected)
    }
}

extension BundleItem {
    /// One line, as the reader in Python writes it.
    fileprivate var summary: String {
        func digest(_ octets: [UInt8]) -> String { "\(Digest(SHA256.hash(octets)))" }
        switch self {
        case .delivery(let key, let envelope, let receipt, let due):
            let times = [("ackBy", due.acknowledge), ("decideBy", due.decide), ("serveBy", due.serve)]
            return
                (["delivery", "\(key.sender)", "\(key.id)", digest(envelope), digest(receipt.token)]
                + times.compactMap { name, time in time.map { "\(name)=\($0)" } }).joined(separator: " ")
        case .rung(let id, let receipt, let mark): return "rung \(id) \(mark) \(digest(receipt.token))"
        case .answer(let receipt, let mark): return "answer \(mark) \(digest(receipt.token))"
        case .courierKey(let pem, let endorsement):
            return "courier \(digest(Array(pem.utf8))) \(digest(Array(endorsement.utf8)))"
        case .envelope(let envelope): return "envelope \(digest(envelope))"
        case .receipt(let key, let receipt): return "receipt \(key.sender) \(key.id) \(digest(receipt.token))"
        case .confirmation(let mark, let digest): return "confirmation \(mark) \(digest)"
        case .attachmentPart(let attachment, let offset, let octets):
            return "attachment-part \(attachment.digest) \(attachment.bytes) \(offset) \(digest(octets))"
        case .unknown: return "unknown"
        }
    }
}
