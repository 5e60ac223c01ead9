/// Where the HTTPS port listens.
public struct ListenAddress: Sendable, Hashable {
    /// A host name or an IP address, such as `127.0.0.1` or `::`.
    public var host: String
    /// The port; 0 for any free one, which `onReady` then tells.
    public var port: Int

    /// An address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
