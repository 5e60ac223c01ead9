import Foundation
import PackagePlugin

/// Embeds documents of the package's top folders into a target, so that the binaries run from anywhere: every
/// `schemas/**/<major>.json` (not the examples) into SimpulEnvelope, and the policy of a new hub, `config/policy.yaml`,
/// into SimpulConfiguration.
@main
struct EmbedDocuments: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let isConfiguration = target.name == "SimpulConfiguration"
        let root = context.package.directoryURL.appending(path: isConfiguration ? "config" : "schemas")
            .resolvingSymlinksInPath()
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        let inputs = isConfiguration ? ["policy.yaml"] : schemaFiles(under: root)
        let name = isConfiguration ? "embeddedConfiguration" : "embeddedSchemas"
        return [
            .buildCommand(
                displayName: "Embedding \(inputs.count) documents of \(root.lastPathComponent)/",
                executable: try context.tool(named: "EmbedDocumentsTool").url,
                arguments: [name, root.path(percentEncoded: false), output.path(percentEncoded: false)] + inputs,
                inputFiles: inputs.map { root.appending(path: $0) },
                outputFiles: [output])
        ]
    }

    private func schemaFiles(under root: URL) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: root.path(percentEncoded: false)) else { return [] }
        return walk.compactMap { $0 as? String }
            .filter { $0.hasSuffix(".json") && !$0.contains("/examples/") }
            .sorted()
    }
}
