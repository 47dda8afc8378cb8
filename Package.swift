// swift-tools-version: 6.2

import PackageDescription

/// Strict concurrency comes with the Swift 6 language mode; the rest keeps imports and existentials explicit.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "martlet", targets: ["martlet"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.0.0",
            traits: [.defaults, "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        // Before 2.101.0 one WebSocket frame that claims 2^63 bytes traps the process.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Identifiers, frames, codecs, error and close codes, limits. No I/O.
        .target(
            name: "ChatProtocol",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio")
            ],
            swiftSettings: swiftSettings
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        // permessage-deflate (RFC 7692) without a connection: what is agreed, compressing and inflating a message.
        .target(
            name: "MessageDeflate",
            dependencies: [
                "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        // The rules: sessions, commands, rooms, gaps, presence. No I/O, no Redis, no transport.
        .target(
            name: "ChatCore",
            dependencies: [
                "ChatProtocol",
                "MessageDeflate",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .systemLibrary(
            name: "CHiredis",
            pkgConfig: "hiredis",
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        // A Redis client: hiredis parses, SwiftNIO moves the bytes. Knows no chat.
        .target(
            name: "RedisClient",
            dependencies: [
                "CHiredis",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: swiftSettings
        ),
        // Key names, scripts, message log, presence, directory.
        .target(
            name: "ChatRedis",
            dependencies: [
                "ChatCore",
                "ChatProtocol",
                "RedisClient",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.embedInCode("Scripts")],
            swiftSettings: swiftSettings
        ),
        // Tokens that others have signed: issuers, their keys, what is expected of a token.
        .target(
            name: "ExternalTokens",
            dependencies: [
                "ChatCore",
                "ChatProtocol",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        // WebSocket, plain dialect, HTTP routes, static files, metrics.
        .target(
            name: "ChatGateway",
            dependencies: [
                "CZlib",
                "ChatCore",
                "ChatProtocol",
                "MessageDeflate",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Web")],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "ChatCore",
                "ChatGateway",
                "ChatProtocol",
                "ChatRedis",
                "ExternalTokens",
                "RedisClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        // Sends every message back, on the node's own WebSocket handlers: what a conformance suite wants to talk to.
        .executableTarget(
            name: "martlet-echo",
            dependencies: [
                "ChatCore",
                "ChatGateway",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/Echo",
            swiftSettings: swiftSettings
        ),
        // Times the hot pieces one by one; for the instructions, `python3 -m bench.micro` runs it under valgrind.
        .executableTarget(
            name: "martlet-microbenchmarks",
            dependencies: [
                "ChatCore",
                "ChatGateway",
                "ChatProtocol",
                "RedisClient",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/MicroBenchmarks",
            swiftSettings: swiftSettings
        ),
        // Starts real servers for tests.
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ChatProtocolTests",
            dependencies: ["ChatProtocol", "TestSupport", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MessageDeflateTests",
            dependencies: ["MessageDeflate", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ChatCoreTests",
            dependencies: [
                "ChatCore",
                "ChatProtocol",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "RedisClientTests",
            dependencies: [
                "CHiredis",
                "RedisClient",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ChatRedisTests",
            dependencies: [
                "ChatCore",
                "ChatProtocol",
                "ChatRedis",
                "RedisClient",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ExternalTokensTests",
            dependencies: [
                "ChatCore",
                "ChatProtocol",
                "ExternalTokens",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ChatGatewayTests",
            dependencies: [
                "ChatCore",
                "ChatGateway",
                "ChatProtocol",
                "MessageDeflate",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MartletTests",
            dependencies: [
                "RedisClient",
                "TestSupport",
                "martlet",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings
        ),
    ]
)

// What reads what strangers send, fuzzed: as tests, with a fixed seed; and for scripts/fuzz.sh as a program of
// libFuzzer's, which nobody else can link.
let fuzzDependencies: [Target.Dependency] = [
    "ChatCore",
    "ChatGateway",
    "ChatProtocol",
    "MessageDeflate",
    "RedisClient",
    .product(name: "NIOCore", package: "swift-nio"),
]
if Context.environment["MARTLET_FUZZ"] == nil {
    package.targets.append(
        .testTarget(
            name: "FuzzTests", dependencies: fuzzDependencies + ["TestSupport"], path: "Tests/Fuzz",
            exclude: ["Corpus", "Driver"], swiftSettings: swiftSettings))
} else {
    // Only the parsers of the two targets that stand on HTTP and TLS: everything is compiled once more for the fuzzer, with
    // the sanitizer, and BoringSSL alone would take longer than all of the rest.
    let parsers: [String: (sources: [String], dependencies: [Target.Dependency])] = [
        "ChatGateway": (
            [
                "FrontDoor/ClientAddress.swift", "FrontDoor/ConnectionCounter.swift", "FrontDoor/FrontDoor.swift",
                "FrontDoor/FrontDoorConfiguration.swift", "FrontDoor/OriginPolicy.swift", "FrontDoor/ProxyHeader.swift",
                "HTTP/ByteRange.swift", "HTTP/ContentDisposition.swift", "Stream/PostBody.swift",
                "WebSocket/MessageAssembler.swift", "WebSocket/PayloadMemory.swift", "WebSocket/WebSocketFrame.swift",
                "WebSocket/WebSocketFrameReader.swift",
            ],
            [
                "ChatCore", "ChatProtocol", "MessageDeflate", .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        "RedisClient": (
            [
                "Codec", "RedisArgument.swift", "RedisError.swift", "RedisValue.swift",
                "Subscriptions/SubscriptionKind.swift",
            ], ["CHiredis", .product(name: "NIOCore", package: "swift-nio")]
        ),
    ]
    let kept: Set = ["ChatCore", "ChatGateway", "ChatProtocol", "CHiredis", "CZlib", "MessageDeflate", "RedisClient"]
    package.products = []
    package.targets = package.targets.filter { kept.contains($0.name) }
    for target in package.targets {
        guard let only = parsers[target.name] else { continue }
        target.sources = only.sources
        target.dependencies = only.dependencies
        target.resources = []
    }
    package.targets.append(
        .executableTarget(
            name: "MartletFuzz", dependencies: fuzzDependencies, path: "Tests/Fuzz",
            exclude: ["Corpus", "Seeded"], swiftSettings: swiftSettings))
}
