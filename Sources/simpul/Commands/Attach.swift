import ArgumentParser
import SimpulClient

/// What `simpul send` needs to take files along.
struct AttachOptions: ParsableArguments {
    @Option(
        name: .customLong("attach"),
        help: ArgumentHelp("A file to encrypt, upload and list in the message; may be repeated.", valueName: "path"))
    var paths: [String] = []

    @Option(
        name: .customLong("media-type"),
        help: ArgumentHelp(
            "The media type of the file, such as image/jpeg; for each --attach one, in their order, or none.",
            valueName: "type"))
    var mediaTypes: [String] = []

    @Flag(name: .customLong("quiet"), help: "Show no progress.")
    var isQuiet = false

    func requireTypes() throws {
        guard mediaTypes.isEmpty || mediaTypes.count == paths.count else {
            throw ValidationError("Give a --media-type for each --attach, or none.")
        }
        guard paths.count <= 10 else { throw ValidationError("A message takes up to 10 attachments.") }
    }

    func sources() throws(ClientError) -> [AttachmentSource] {
        var sources: [AttachmentSource] = []
        for (index, path) in paths.enumerated() {
            sources.append(
                try AttachmentSource(path: path, mediaType: mediaTypes.isEmpty ? nil : mediaTypes[index]))
        }
        return sources
    }
}
