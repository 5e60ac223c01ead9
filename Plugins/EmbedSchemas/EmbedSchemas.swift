import Foundation
import PackagePlugin

/// Embeds every `schemas/**/<major>.json` (not the examples) into the target, so that the binaries run from anywhere.
@main
struct EmbedSchemas: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL.appending(path: "schemas").resolvingSymlinksInPath()
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSchemas.swift")
        let inputs = try schemaFiles(under: root)
        return [
            .buildCommand(
                displayName: "Embedding \(inputs.count) schemas",
                executable: try context.tool(named: "EmbedSchemasTool").url,
                arguments: [root.path(percentEncoded: false), output.path(percentEncoded: false)],
                inputFiles: inputs,
                outputFiles: [output])
        ]
    }

    private func schemaFiles(under root: URL) throws -> [URL] {
        guard let walk = FileManager.default.enumerator(atPath: root.path(percentEncoded: false)) else { return [] }
        return walk.compactMap { $0 as? String }
            .filter { $0.hasSuffix(".json") && !$0.contains("/examples/") }
            .sorted()
            .map { root.appending(path: $0) }
    }
}
