import Logging
import RedisClient
import Testing

@testable import martlet

struct PrecedenceTests {
    @Test func withoutAnythingTheDefaultsHold() async throws {
        let configuration = try await NodeConfiguration.read(environment: ["HOME": "/home/ann"])
        var expected = NodeConfiguration()
        expected.node = SettingsReader.nodeName(fromHostName: MachineName.current)
        expected.data = "/home/ann/.local/share/martlet"
        #expect(configuration == expected)
        #expect(expected.lease == .seconds(15))
        #expect(expected.redis == nil)
    }

    @Test func flagsBeforeEnvironmentBeforeFileBeforeDefaults() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("c.json", #"{"port": 1001, "threads": 2, "host": "::1", "logLevel": "debug"}"#)
        let environment = ["MARTLET_PORT": "1002", "MARTLET_THREADS": "3", "MARTLET_CONFIG": file]
        let configuration = try await NodeConfiguration.read(flags: [.port: "1003"], environment: environment)
        #expect(configuration.port == 1003)
        #expect(configuration.threads == 3)
        #expect(configuration.host == "::1")
        #expect(configuration.logLevel == .debug)
        #expect(configuration.prefix == "martlet:")

        let withoutFlag = try await NodeConfiguration.read(environment: environment)
        #expect(withoutFlag.port == 1002)
        let fileOnly = try await NodeConfiguration.read(flags: [.config: file])
        #expect(fileOnly.port == 1001)
    }

    @Test func anEmptyVariableCountsAsUnset() async throws {
        let configuration = try await NodeConfiguration.read(environment: ["MARTLET_REDIS": "", "MARTLET_PORT": ""])
        #expect(configuration.redis == nil)
        #expect(configuration.port == 8080)
    }

    @Test func everySettingCanStandInTheFile() async throws {
        let directory = try TemporaryDirectory()
        let secret = try directory.file("secret", "0123456789abcdef0123456789abcdef\n")
        let file = try directory.file(
            "c.json",
            """
            {"host": "0.0.0.0", "port": 0, "redis": "redis://:geheim@r:6380/2", "node": "n-1", "data": "\(directory.path)",
             "threads": 1, "logLevel": "WARNING", "prefix": "m:", "lease": 6, "heartbeat": "2s", "grace": 0, "drain": "1s",
             "pingInterval": 10.5, "helloTimeout": "250ms", "outboundLimit": "2MiB", "retention": 5, "textLimit": 100,
             "frameLimit": "4KiB", "roomsPerSession": 3, "burst": 4, "rate": 2.5, "redisDeadline": "1s",
             "secretFile": "\(secret)", "webRoot": "\(directory.path)"}
            """
        )
        let configuration = try await NodeConfiguration.read(flags: [.config: file])
        #expect(configuration.host == "0.0.0.0")
        #expect(configuration.port == 0)
        #expect(configuration.redis?.password == "geheim")
        #expect(configuration.redis?.database == 2)
        #expect(configuration.node == "n-1")
        #expect(configuration.data == directory.path)
        #expect(configuration.logLevel == .warning)
        #expect(configuration.prefix == "m:")
        #expect(configuration.lease == .seconds(6))
        #expect(configuration.grace == .zero)
        #expect(configuration.pingInterval == .milliseconds(10_500))
        #expect(configuration.helloTimeout == .milliseconds(250))
        #expect(configuration.outboundLimit == 2_097_152)
        #expect(configuration.frameLimit == 4096)
        #expect(configuration.rate == 2.5)
        #expect(configuration.redisDeadline == .seconds(1))
        #expect(configuration.secret?.bytes.count == 32)
        #expect(configuration.webRoot == directory.path)
        #expect(!"\(configuration)".contains("geheim"))
        #expect(!"\(configuration)".contains("0123456789"))
    }

    @Test func whereTheDataIs() {
        let both = ["XDG_DATA_HOME": "/x", "HOME": "/h"]
        #expect(DataDirectory.defaultPath(environment: both) == "/x/martlet")
        #expect(
            DataDirectory.defaultPath(environment: ["XDG_DATA_HOME": "x", "HOME": "/h"]) == "/h/.local/share/martlet")
        #expect(DataDirectory.defaultPath(environment: [:]) == "/var/lib/martlet")
        #expect(DataDirectory.absolute("~/d", environment: both) == "/h/d")
        #expect(DataDirectory.absolute("/a/../b//c/", environment: both) == "/b/c")
        #expect(DataDirectory.absolute("d", environment: both).hasSuffix("/d"))
    }

    @Test func machineNamesBecomeNodeNames() {
        #expect(SettingsReader.nodeName(fromHostName: "web-1.example") == "web-1.example")
        #expect(SettingsReader.nodeName(fromHostName: "größe:1") == "gr--e-1")
        #expect(SettingsReader.nodeName(fromHostName: "") == "node")
        #expect(SettingsReader.nodeName(fromHostName: String(repeating: "a", count: 64)).count == 40)
    }
}

extension NodeConfiguration {
    static func read(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:]
    ) async throws -> NodeConfiguration {
        try NodeConfiguration(try await SettingsReader(flags: flags, environment: environment))
    }
}
