import Logging

/// The daemon's log: what its own parts say. Records of the HTTP framework are left out above the level `debug`, because
/// they tell again, less exactly, what `SimpulServer` and the exit line tell.
struct ServerLog: LogHandler {
    var handler: StreamLogHandler

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }

    var logLevel: Logger.Level {
        get { handler.logLevel }
        set { handler.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard logLevel <= .debug || !event.source.hasPrefix("Hummingbird") else { return }
        handler.log(event: event)
    }
}
