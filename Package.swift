// swift-tools-version: 6.2
// The arrows of docs/architecture.md, as SwiftPM sees them: every target names what it may import, and nothing else.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// The libraries that every test goes through thousands of times are optimised in debug builds too; preconditions stay.
let optimised = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let locks: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "simpul",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "StrictJSON", targets: ["StrictJSON"]),
        .library(name: "JSONSchema", targets: ["JSONSchema"]),
        .library(name: "JOSE", targets: ["JOSE"]),
        .executable(name: "simpuld", targets: ["simpuld"]),
        .executable(name: "simpul", targets: ["simpul"]),
        .executable(name: "simpul-bench", targets: ["simpul-bench"]),
        .executable(name: "bowtie-simpul-jsonschema", targets: ["bowtie-simpul-jsonschema"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CSpawn"),

        // Standards: they know nothing of Simpul.
        .target(name: "StrictJSON", swiftSettings: optimised),
        .target(
            name: "JSONSchema", dependencies: ["StrictJSON"], exclude: ["Metaschema/NOTICE.md"],
            resources: [.embedInCode("Metaschema/Documents")], swiftSettings: optimised),
        .target(name: "JOSE", dependencies: ["StrictJSON", "COpenSSL", "CZlib", locks], swiftSettings: strict),
        .target(
            name: "StrictYAML", dependencies: [.product(name: "Yams", package: "Yams")], swiftSettings: strict),

        // Programs that are started beside this one.
        .target(name: "Spawning", dependencies: ["CSpawn"], swiftSettings: strict),

        // The profile: what an envelope and a receipt are.
        .target(name: "SimpulCore", dependencies: ["StrictJSON"], swiftSettings: strict),
        .executableTarget(name: "EmbedDocumentsTool", swiftSettings: strict),
        .plugin(name: "EmbedDocuments", capability: .buildTool(), dependencies: ["EmbedDocumentsTool"]),
        .target(
            name: "SimpulEnvelope", dependencies: ["SimpulCore", "JOSE", "JSONSchema", "StrictJSON"],
            swiftSettings: strict, plugins: ["EmbedDocuments"]),

        // The path, and the ports it calls.
        .target(
            name: "SimpulBroker", dependencies: ["SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", locks, logging],
            swiftSettings: strict),

        // Edges.
        .target(
            name: "SimpulStoreSQLite",
            dependencies: ["SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "CSQLite", locks],
            swiftSettings: strict),
        .target(
            name: "SimpulConfiguration",
            dependencies: ["SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "StrictYAML"],
            swiftSettings: strict, plugins: ["EmbedDocuments"]),
        .target(
            name: "SimpulServer",
            dependencies: [
                "SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", locks, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "SimpulPush",
            dependencies: [
                "SimpulBroker", "SimpulCore", "JOSE", locks, logging,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "SimpulClient",
            dependencies: [
                "SimpulEnvelope", "SimpulCore", "JOSE", "JSONSchema", "StrictJSON", "StrictYAML",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),

        // Wiring.
        .executableTarget(
            name: "simpuld",
            dependencies: [
                "SimpulServer", "SimpulPush", "SimpulStoreSQLite", "SimpulConfiguration", "SimpulBroker",
                "SimpulEnvelope", "SimpulCore", "JOSE", logging, arguments,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "simpul",
            dependencies: [
                "SimpulClient", "SimpulConfiguration", "SimpulStoreSQLite", "SimpulBroker", "SimpulEnvelope",
                "SimpulCore", "JOSE", "StrictJSON", arguments,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "bowtie-simpul-jsonschema", dependencies: ["JSONSchema", "StrictJSON", arguments],
            swiftSettings: optimised),
        .executableTarget(
            name: "simpul-bench",
            dependencies: [
                "SimpulClient", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "Spawning", "CSQLite", locks,
                arguments,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "standards-bench", dependencies: ["JSONSchema", "JOSE", "StrictJSON", arguments],
            swiftSettings: strict),

        // Tests.
        .target(
            name: "SimpulTesting",
            dependencies: ["SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", locks],
            path: "Tests/SimpulTesting", swiftSettings: strict),
        .target(
            name: "ProgramTesting", dependencies: ["Spawning", "CSpawn", locks], path: "Tests/ProgramTesting",
            swiftSettings: strict),
        .testTarget(
            name: "ProgramTests", dependencies: ["ProgramTesting", "Spawning"], swiftSettings: strict),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON"], swiftSettings: strict),
        .testTarget(name: "JSONSchemaTests", dependencies: ["JSONSchema", "StrictJSON"], swiftSettings: strict),
        .testTarget(
            name: "JOSETests", dependencies: ["JOSE", "StrictJSON", "COpenSSL", "CZlib"], swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests", dependencies: ["JOSE", "JSONSchema", "StrictJSON"], swiftSettings: strict),
        .testTarget(
            name: "HarnessTests", dependencies: ["bowtie-simpul-jsonschema", "ProgramTesting", "StrictJSON"],
            swiftSettings: strict),
        .testTarget(name: "SimpulCoreTests", dependencies: ["SimpulCore", "StrictJSON"], swiftSettings: strict),
        .testTarget(
            name: "SimpulEnvelopeTests",
            dependencies: ["SimpulEnvelope", "SimpulCore", "JOSE", "JSONSchema", "StrictJSON", "SimpulTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "SimpulBrokerTests",
            dependencies: ["SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "SimpulTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "StoreContractTests",
            dependencies: [
                "SimpulStoreSQLite", "SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "CSQLite",
                "SimpulTesting", locks,
            ],
            swiftSettings: strict),
        .target(
            name: "FuzzChecks", dependencies: ["JOSE", "JSONSchema", "StrictJSON", "COpenSSL"],
            path: "Tests/Fuzz/Checks", swiftSettings: strict),
        .testTarget(name: "FuzzRegressionTests", dependencies: ["FuzzChecks"], swiftSettings: strict),
        .testTarget(name: "StrictYAMLTests", dependencies: ["StrictYAML"], swiftSettings: strict),
        .testTarget(
            name: "SimpulConfigurationTests",
            dependencies: [
                "SimpulConfiguration", "SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON",
                "StrictYAML", "SimpulTesting",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimpulServerTests",
            dependencies: [
                "SimpulServer", "SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "SimpulTesting",
                logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "PushTesting",
            dependencies: [
                locks, .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/PushTesting", swiftSettings: strict),
        .testTarget(
            name: "SimpulPushTests",
            dependencies: [
                "SimpulPush", "PushTesting", "SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON",
                "SimpulTesting", locks, logging, .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BenchTests", dependencies: ["simpul-bench", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "simpuld", "simpul", "ProgramTesting", "PushTesting", "SimpulClient", "SimpulEnvelope", "SimpulCore",
                "JOSE",
                "StrictJSON",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimpulClientTests",
            dependencies: [
                "SimpulClient", "SimpulBroker", "SimpulEnvelope", "SimpulCore", "JOSE", "StrictJSON", "SimpulTesting",
                locks,
            ],
            swiftSettings: strict),
    ]
)

// The fuzzer's program has no main of its own: `swift build --sanitize fuzzer` brings one, and only scripts/fuzz asks so.
if Context.environment["SIMPUL_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "simpul-fuzz", dependencies: ["FuzzChecks"], path: "Tests/Fuzz/Driver", swiftSettings: strict))
}
