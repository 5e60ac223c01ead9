import Foundation
import Testing

/// A second reader of courier bundles, in Python with the openssl command, written from docs/courier.md alone.
@Suite struct BundleReaderTests {
    private let script = Programs.root.appending(path: "Tests/Courier/read_bundle.py").path(percentEncoded: false)
    private let golden = Programs.root.appending(path: "Tests/Courier/golden").path(percentEncoded: false)

    private static var python: URL? {
        guard let python = Programs.system("python3", for: "the second reader of bundles"),
            Programs.system("openssl", for: "the second reader of bundles") != nil
        else { return nil }
        return python
    }

    private func read(
        _ python: URL, _ bundle: String, signer: String, seal: String, _ more: [String] = []
    ) async throws -> Programs.Ended {
        try await Programs.run(
            python,
            [
                script, "--signer", signer, "--seal", seal + ".pem",
                FileManager.default.fileExists(atPath: seal + ".key") ? seal + ".key" : seal + "-key.pem",
            ] + more + [bundle])
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["broker", "agency"])
    func `the second reader reads the bundles that were made once, and nothing that was changed`(
        _ name: String
    ) async throws {
        guard let python = Self.python else { return }
        let (bundle, seal) = ("\(golden)/\(name).bundle", "\(golden)/\(name)-seal")
        let signer = "\(golden)/\(name)-sign.pem"
        let time = ["--now", "2026-03-05T00:00:00Z"]
        let ended = try await read(python, bundle, signer: signer, seal: seal, time)
        #expect(ended.code == 0, "\(ended.error)")
        #expect(try ended.output == String(contentsOfFile: "\(golden)/\(name).items", encoding: .utf8))
        let late = try await read(python, bundle, signer: signer, seal: seal, ["--now", "2026-04-05T00:00:00Z"])
        #expect(late.code == 1 && late.error.contains("time-invalid"))

        let lines = try String(contentsOfFile: bundle, encoding: .utf8).split(separator: "\n")
        try #require(lines.count > 2)
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let changed = folder.appending(path: "changed")
        for (text, code) in [
            (lines.dropLast().joined(separator: "\n") + "\n", "bundle-incomplete"),
            (lines.dropFirst().joined(separator: "\n") + "\n", "bundle-incomplete"),
            (lines[0].dropLast(4) + "AAAA\n", "signature-invalid"), ("", "bundle-invalid"),
        ] {
            try Data(text.utf8).write(to: changed)
            let bad = try await read(python, changed.path(percentEncoded: false), signer: signer, seal: seal, time)
            #expect(bad.code == 1 && bad.error.contains(code) && bad.output.isEmpty, "\(code): \(bad.error)")
        }
        let other = name == "broker" ? "agency" : "broker"
        let foreign = try await read(python, bundle, signer: "\(golden)/\(other)-sign.pem", seal: seal, time)
        #expect(foreign.code == 1 && foreign.error.contains("signer-unknown"))
        let sealed = try await read(python, bundle, signer: signer, seal: "\(golden)/\(other)-seal", time)
        #expect(sealed.code == 1 && sealed.error.contains("bundle-seal"))
    }

    @Test(.timeLimit(.minutes(3)))
    func `the second reader reads what was exported just now, both ways`() async throws {
        guard let python = Self.python else { return }
        let hub = try await RunningHub()
        try await hub.start()
        let (desk, police) = ("id-1709.imigrasi", "id-1709.gugus-tugas")
        func simpul(_ agency: String, _ arguments: String...) async throws -> Programs.Ended {
            try await Programs.run("simpul", arguments + ["--profile", hub.profile(agency)])
        }
        try AttachmentTests.tip(to: police).write(to: URL(filePath: hub.path("tip.json")))
        try Data((0..<800_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }).write(
            to: URL(filePath: hub.path("foto")))
        let sent = try await simpul(desk, "send", "--json", "--attach", hub.path("foto"), hub.path("tip.json"))
        #expect(sent.code == 0, "\(sent.error)")
        let operated = try await Programs.run(
            "simpul", ["courier", "export", "--for", police, hub.path("out"), "--config", hub.path("simpuld.yaml")])
        #expect(operated.code == 0, "\(operated.error)")
        let out = try await read(
            python, hub.path("out"), signer: hub.path("broker/sign.pem"), seal: hub.path("agencies/\(police)/seal"))
        #expect(out.code == 0, "\(out.error)")
        let kinds = out.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(kinds == ["bundle", "courier", "attachment-part", "attachment-part", "delivery"], "\(out.output)")

        #expect(try await simpul(police, "courier", "import", hub.path("out")).code == 0)
        #expect(try await simpul(police, "courier", "export", "--for", "id-1709.simpul", hub.path("back")).code == 0)
        let back = try await read(
            python, hub.path("back"), signer: hub.path("agencies/\(police)/sign.pem"), seal: hub.path("broker/courier"))
        #expect(back.code == 0, "\(back.error)")
        #expect(back.output.contains("\nreceipt \(desk) "), "\(back.output)")
    }
}
