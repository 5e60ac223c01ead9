import Foundation
import Glibc
import JOSE
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// Attachments through the real daemon: what curl sends, and what the command line does.
@Suite struct AttachmentTests {
    private let octets = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    private var digest: Digest { Digest(SHA256.hash(octets)) }

    @Test(.timeLimit(.minutes(2)))
    func `an upload that is cut goes on, survives kill -9, and is read by whom its message is for`() async throws {
        guard let curl = Programs.system("curl", for: "attachments with curl") else { return }
        let hub = try await RunningHub()
        try await hub.start()
        let (sender, reader, third) = ("id-1709.imigrasi", "id-1709.gugus-tugas", "id-1709.polres.ppa")
        func call(_ agency: String, _ arguments: [String]) async throws -> Answer {
            try await Answer(curl, hub, agency, arguments + ["\(digest)"])
        }
        let (whole, head) = (hub.path("whole"), hub.path("head"))
        try Data(octets).write(to: URL(filePath: whole))
        try Data(octets[..<200_000]).write(to: URL(filePath: head))

        #expect(try await call(sender, ["-I"]).status == 404)
        let part = try await call(sender, ["-T", head, "-H", "Content-Range: bytes 0-199999/600000"])
        #expect(part.status == 204 && part.fields["upload-offset"] == "200000")
        await hub.killHard()
        try await hub.start()
        let look = try await call(sender, ["-I"])
        #expect(
            look.status == 204 && look.fields["upload-offset"] == "200000" && look.fields["upload-complete"] == "?0")
        #expect(try await call(sender, []).status == 404, "a part is nobody's to read")
        let wrong = try await call(sender, ["-T", whole, "-C", "300000"])
        #expect(wrong.status == 409 && wrong.code == "offset-mismatch" && wrong.fields["upload-offset"] == "200000")
        #expect(try await call(sender, ["-T", whole, "-C", "200000", "-H", "Expect: 100-continue"]).status == 201)
        await hub.killHard()
        try await hub.start()
        #expect(try await call(sender, ["-T", whole]).status == 200, "acknowledged, so it is there after kill -9")
        let own = try await call(sender, [])
        #expect(own.status == 200 && own.body == octets && own.fields["etag"] == "\"\(digest)\"")

        #expect(try await call(reader, []).status == 404, "no message lists it yet")
        let agency = try hub.agency(sender)
        let report = try Report(from: agency, to: reader, listing: [(digest, octets.count)])
        guard case .receipt = try await agency.hub.submit(report.envelope, seconds: 20) else {
            throw HubTrouble(what: "a report with an attachment was not accepted")
        }
        await hub.killHard()
        try await hub.start()
        #expect(try await call(reader, []).body == octets)
        let range = try await call(reader, ["-r", "100-299"])
        #expect(range.status == 206 && range.body == Array(octets[100..<300]))
        #expect(range.fields["content-range"] == "bytes 100-299/600000")
        let stale = try await call(reader, ["-r", "100-299", "-H", "If-Range: \"another\""])
        #expect(stale.status == 200 && stale.body == octets)
        let behind = try await call(reader, ["-r", "600000-"])
        #expect(behind.status == 416 && behind.code == "range-unsatisfiable")
        #expect(behind.fields["content-range"] == "bytes */600000")

        // Somebody else finds nothing, also not by uploading the same, and by a message of another uploader.
        let strange = try await call(third, [])
        #expect(strange.status == 404 && strange.code == "not-found")
        #expect(try await call(third, ["-T", whole]).status == 201, "as if it was new")
        let other = try hub.agency(third)
        let listing = try Report(from: other, to: "id-1709.uptd-ppa", listing: [(digest, octets.count + 1)])
        guard case .problem(let problem) = try await other.hub.submit(listing.envelope, seconds: 20) else {
            throw HubTrouble(what: "a report with an attachment of another length was accepted")
        }
        #expect(problem.code == "attachment-missing" && problem.faults.map(\.pointer) == ["/header/attachments/0"])
        #expect(try await call("id-1709.uptd-ppa", []).status == 404)
        await agency.hub.close()
        await other.hub.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func `what nobody needs is read as far as it was announced, and no further`() async throws {
        guard let curl = Programs.system("curl", for: "attachments with curl") else { return }
        let hub = try await RunningHub()
        try await hub.start()
        let whole = hub.path("whole")
        try Data(octets).write(to: URL(filePath: whole))
        #expect(try await Answer(curl, hub, "id-1709.imigrasi", ["-T", whole, "\(digest)"]).status == 201)
        let chunked = ["-T", whole, "-H", "Transfer-Encoding: chunked", "-H"]
        let fits = try await Answer(
            curl, hub, "id-1709.imigrasi", chunked + ["Content-Range: bytes 0-599999/600000", "\(digest)"])
        #expect(fits.status == 200)
        let more = try await Answer(
            curl, hub, "id-1709.imigrasi", chunked + ["Content-Range: bytes 0-9/600000", "\(digest)"])
        #expect(more.status == 413 && more.code == "too-large")
    }

    @Test(.timeLimit(.minutes(2)))
    func `what has another digest is not kept, and what nothing lists is removed`() async throws {
        guard let curl = Programs.system("curl", for: "attachments with curl") else { return }
        let hub = try await RunningHub()
        try hub.configure(
            "limits: { unlistedAttachmentSeconds: 1, attachmentRoundSeconds: 1, attachmentBytesPerAgency: 1000000 }")
        try await hub.start()
        let folder = URL(filePath: hub.path("data/simpul.sqlite.attachments"))
        func files() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        }
        let whole = hub.path("whole")
        try Data(octets).write(to: URL(filePath: whole))
        let other = Digest(SHA256.hash([1]))
        let answer = try await Answer(curl, hub, "id-1709.imigrasi", ["-T", whole, "\(other)"])
        #expect(answer.status == 422 && answer.code == "digest-mismatch")
        #expect(try files().isEmpty)
        #expect(try await Answer(curl, hub, "id-1709.imigrasi", ["-T", whole, "\(digest)"]).status == 201)
        // Removed already, or so much that the next one is over the bound.
        let next = try await Answer(
            curl, hub, "id-1709.imigrasi", ["-T", whole, "-H", "Content-Range: bytes 0-599999/900000", "\(other)"])
        #expect(next.status == 204 || next.code == "quota")
        while try !files().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await Answer(curl, hub, "id-1709.imigrasi", ["\(digest)"]).status == 404)
    }

    @Test(.timeLimit(.minutes(3)))
    func `the command line encrypts, goes on, and gives the recipient the same file`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let (clear, document) = (hub.path("foto rahasia.png"), hub.path("tip.json"))
        try Data(octets).write(to: URL(filePath: clear))
        try Self.tip(to: "id-1709.gugus-tugas").write(to: URL(filePath: document))
        func run(_ agency: String, _ arguments: [String]) async throws -> Programs.Ended {
            try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
        }
        let sent = try await run(
            "id-1709.imigrasi", ["send", "--attach", clear, "--media-type", "image/png", document])
        #expect(sent.code == 0, "\(sent.output)\(sent.error)")
        let received = try await run("id-1709.gugus-tugas", ["receive", "--ack", "--out", hub.path("in")])
        #expect(received.code == 0, "\(received.error)")
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: hub.path("in")).first { $0.hasSuffix(".json") })
        let get = ["attachment", "get", "--json", "--out", hub.path("files"), hub.path("in/\(name)")]

        // The beginning of the ciphertext is there already, and wrong: nothing of it may be believed.
        let secret = try #require(
            AttachmentSecret.all(in: FileAccess.read(hub.path("in/\(name)"), limit: 1 << 20)).first)
        let part = hub.path("files/\("\(secret.listed.digest)".dropFirst(8).prefix(32)).part")
        try FileManager.default.createDirectory(atPath: hub.path("files"), withIntermediateDirectories: true)
        try Data([0, 0, 0]).write(to: URL(filePath: part))
        let forged = try await run("id-1709.gugus-tugas", get)
        #expect(forged.code == 1 && forged.output.contains("attachment-digest"), "\(forged.output)\(forged.error)")
        #expect(!FileManager.default.fileExists(atPath: part))

        let fetched = try await run("id-1709.gugus-tugas", get)
        #expect(fetched.code == 0, "\(fetched.output)\(fetched.error)")
        let file = try #require(
            try JSONDocument(Array(fetched.output.trimmingCharacters(in: .whitespacesAndNewlines).utf8)).root["files"]
                .flatMap { Array($0.elements).first }?["file"]?.string)
        #expect(try Data(contentsOf: URL(filePath: file)) == Data(octets))
        #expect(file.hasSuffix(".png") && !file.contains("rahasia"))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try await run("id-1709.gugus-tugas", get)
        #expect(again.code == 0 && again.output.contains("\"wasThere\":true"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: hub.path("files")).count == 1)
    }

    @Test(.timeLimit(.minutes(2)))
    func `the daemon's memory does not grow with an attachment`() async throws {
        guard let curl = Programs.system("curl", for: "attachments with curl") else { return }
        let hub = try await RunningHub()
        try await hub.start()
        let whole = hub.path("whole")
        let size = 64 * 1024 * 1024
        let file = try #require(fopen(whole, "w"))
        let running = RunningSHA256()
        for piece in 0..<64 {
            let octets = [UInt8](repeating: UInt8(piece), count: size / 64)
            fwrite(octets, 1, octets.count, file)
            running.update(octets)
        }
        fclose(file)
        let digest = Digest(running.digest)
        #expect(
            try await Answer(curl, hub, "id-1709.imigrasi", ["-T", hub.path("simpuld.yaml"), "\(digest)"]).status == 422
        )
        let before = try Self.peak(of: hub.pid)
        #expect(try await Answer(curl, hub, "id-1709.imigrasi", ["-T", whole, "\(digest)"]).status == 201)
        #expect(try await Answer(curl, hub, "id-1709.imigrasi", ["\(digest)"]).body.count == size)
        #expect(try Self.peak(of: hub.pid) - before < size / 2)
    }

    /// The most memory that a process has had, in octets.
    private static func peak(of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber))) * 1024
    }

    /// A tip without a person, whose body takes attachments.
    static func tip(to recipient: String) throws -> Data {
        let example = Programs.root.appending(path: "schemas/tip/examples/valid/codes-01.json")
        var document = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: example)) as? [String: Any])
        var header = try #require(document["header"] as? [String: Any])
        var body = try #require(document["body"] as? [String: Any])
        for name in [
            "ackBy", "decideBy", "id", "sent", "expires", "hub", "sender", "schema", "privacy", "bodyDigest",
            "attachments",
        ] {
            header[name] = nil
        }
        header["recipients"] = [recipient]
        header["fallback"] = nil
        body["attachments"] = nil
        (document["header"], document["body"]) = (header, body)
        return try JSONSerialization.data(withJSONObject: document)
    }
}

/// What curl got.
private struct Answer {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]

    var code: String? { (try? JSONDocument(body).root)?["code"]?.string }

    /// - Parameter arguments: the last one is the digest.
    init(_ curl: URL, _ hub: RunningHub, _ agency: String, _ arguments: [String]) async throws {
        let folder = hub.path("agencies/\(agency)")
        let (head, body) = (hub.path("answer.head"), hub.path("answer.body"))
        let ended = try await Programs.run(
            curl,
            [
                "--silent", "--show-error", "--noproxy", "*", "--http1.1", "--cacert", "\(folder)/ca.pem", "--cert",
                "\(folder)/tls.pem", "--key", "\(folder)/tls.key", "-D", head, "-o", body,
            ] + arguments.dropLast() + ["https://127.0.0.1:\(hub.port)/v1/attachments/\(arguments.last ?? "")"])
        guard ended.code == 0 else { throw HubTrouble(what: "curl ended with \(ended.code): \(ended.error)") }
        // The last head: 100 Continue has one, too.
        let text = try String(contentsOfFile: head, encoding: .utf8).replacing("\r\n", with: "\n")
        let last = try #require(text.components(separatedBy: "\n\n").last { !$0.isEmpty })
        let lines = last.split(separator: "\n")
        status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        fields = Dictionary(
            lines.dropFirst().compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2
                    ? (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)) : nil
            }, uniquingKeysWith: { $1 })
        self.body = (try? Data(contentsOf: URL(filePath: body))).map(Array.init) ?? []
        try? FileManager.default.removeItem(atPath: body)
    }
}
