import ArgumentParser
import Glibc
import SimpulClient
import SimpulConfiguration
import SimpulCore
import StrictJSON

/// `simpul init`: a complete working hub, without a question.
struct Init: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a complete working hub: keys, certificates, roster, policy and the agencies' profiles.",
        discussion: """
            The folder must not exist yet, or be empty; it appears as a whole or not at all. Exit code 1 where it is not \
            empty. Hand each folder under agencies/ to its agency, and keep trust/ca.key off the machine.

            Example:
              simpul init hub
              simpuld --config hub/simpuld.yaml
            """)

    @OptionGroup var output: OutputOption

    @Argument(help: ArgumentHelp("The folder to write.", valueName: "dir"))
    var folder: String

    @Option(help: "The port of the HTTPS API, 1 to 65535.")
    var port = 8443

    @Option(help: "The IP address or DNS name that the broker listens on; its certificate names it.")
    var listen = "127.0.0.1"

    @Option(help: "The id of the broker (default: id-1709.simpul).", transform: Self.agencyID)
    var hub: AgencyID?

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let hub = try hub ?? Self.agencyID("id-1709.simpul")
        let (new, files) = try write(hub)
        try terminal.answer(
            [
                "folder": .string(folder), "hub": .string(hub.description), "url": .string(new.url),
                "files": .array(files.map { .string($0) }),
            ],
            """
            \(hub) is ready in \(folder): \(files.count) files, for \(new.url)
            start it: simpuld --config \(folder)\(folder.hasSuffix("/") ? "" : "/")simpuld.yaml
            """)
        return 0
    }

    private func write(_ hub: AgencyID) throws(ClientError) -> (NewHub, [String]) {
        do throws(NewHubError) {
            let new = try NewHub(hub: hub, address: listen, port: port, hostName: Self.hostName)
            return (new, try new.write(to: folder, now: Self.now))
        } catch {
            throw ClientError(error, folder: folder)
        }
    }

    private static func agencyID(_ text: String) throws -> AgencyID {
        guard let id = AgencyID(text) else { throw ValidationError("an id looks like id-1709.simpul") }
        return id
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension ClientError {
    fileprivate init(_ error: NewHubError, folder: String) {
        switch error {
        case .occupied:
            self.init(
                .refused, "folder-occupied",
                LocalizedText(
                    "\(folder) exists and is not empty; nothing was written. Name another folder.",
                    "\(folder) sudah ada dan tidak kosong; tidak ada yang ditulis. Pilih folder lain."))
        case .unusable(let reason), .failed(let reason):
            self.init(
                .unable, "init",
                LocalizedText("\(reason); nothing was written", "\(reason); tidak ada yang ditulis"))
        }
    }
}
