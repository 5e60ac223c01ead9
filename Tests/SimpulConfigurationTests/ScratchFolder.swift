import Foundation
import SimpulCore
import Testing

@testable import SimpulConfiguration

/// A folder of its own for one test; gone with it.
final class ScratchFolder {
    private let root: String

    init() throws {
        root = NSTemporaryDirectory() + "simpul-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func write(_ name: String, _ text: String) throws {
        let folder = (path(name) as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    func replace(_ old: String, with new: String, in name: String) throws {
        let text = try text(name)
        try #require(text.contains(old))
        let mode = try mode(name)
        try write(name, text.replacingOccurrences(of: old, with: new))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    func names(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }

    func newHub(listen: String = "127.0.0.1", port: Int = 8443) throws -> NewHub {
        let hub = try #require(AgencyID("id-1709.simpul"))
        return try NewHub(hub: hub, address: listen, port: port, hostName: "machine")
    }

    /// A new hub, always the same one because keys take their time, written and read back.
    @discardableResult
    func hub() throws -> HubConfiguration {
        try NewFolder(files: try Self.files.get(), emptyFolders: ["data"]).write(to: path("hub"))
        return try load()
    }

    private static let files = Result {
        let hub = try #require(AgencyID("id-1709.simpul"))
        return try NewHub(hub: hub, address: "hub.example.id", port: 9443, hostName: "machine").files(now: .test)
    }

    func load() throws -> HubConfiguration { try HubConfiguration.load(path("hub/simpuld.yaml"), now: .test) }

    /// The faults of the hub, with the folder's own path left out.
    func faults() -> [String] {
        do {
            _ = try HubConfiguration.load(path("hub/simpuld.yaml"), now: .test)
            return []
        } catch {
            return error.texts.map { $0.replacingOccurrences(of: path("hub/"), with: "") }
        }
    }
}

extension Timestamp {
    /// The moment of the tests.
    static let test = Timestamp(milliseconds: 1_772_600_000_000)
}
