import ArgumentParser
import SimpulClient
import SimpulConfiguration
import SimpulCore
import StrictJSON

/// `simpul courier key`: the courier key of a hub that was made before there were any.
struct CourierKeyCommand: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make the courier key of a hub that has none.",
        discussion: """
            Writes broker/courier.pem and broker/courier.key beside simpuld.yaml, never over old ones, and says which \
            line to add to it. Agencies learn the certificate from the directory, or from the next bundle for them; they \
            believe it because the hub's sign key endorses it.

            Example:
              simpul courier key --config /etc/simpul/simpuld.yaml
            """)

    @OptionGroup var output: OutputOption

    @Option(help: ArgumentHelp("The broker's simpuld.yaml.", valueName: "file"))
    var config: String

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let hub = try HubPaths(configuration: config).hub
        let made = try NewCourierKey(hub: hub, now: .now)
        let folder = (config.lastIndex(of: "/").map { String(config[...$0]) } ?? "") + "broker"
        try FileAccess.makeDirectory(folder)
        try FileAccess.writeNew(Array(made.key.utf8), to: folder + "/courier.key")
        try FileAccess.writeNew(Array(made.certificate.utf8), to: folder + "/courier.pem")
        let line = "courier: { certificate: broker/courier.pem, key: broker/courier.key }"
        try terminal.answer(
            [
                "certificate": .string(folder + "/courier.pem"), "key": .string(folder + "/courier.key"),
                "line": .string(line),
            ],
            LocalizedText(
                "Made \(folder)/courier.pem and courier.key. Add this line to \(config), then restart simpuld:\n\(line)",
                "\(folder)/courier.pem dan courier.key dibuat. Tambahkan baris ini ke \(config), lalu jalankan ulang simpuld:\n\(line)"
            )[terminal.language])
        return 0
    }
}
