/// The policy of a new hub: `config/policy.yaml` as it was built in.
enum DefaultPolicy {
    /// The file.
    static var text: String { embeddedConfiguration.first.map { "\($0.text)" } ?? "" }
}
