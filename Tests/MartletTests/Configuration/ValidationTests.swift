import ChatCore
import RedisClient
import Testing

@testable import martlet

struct ValidationTests {
    private func message(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:]
    ) async -> UserFacingError? {
        await #expect(throws: UserFacingError.self) {
            try await NodeConfiguration.read(flags: flags, environment: environment)
        }
    }

    @Test func theMessageNamesSettingValuePlaceAndRange() async throws {
        let error = try #require(await message(environment: ["MARTLET_PORT": "70000"]))
        #expect(
            error.message == """
                port "70000" (from MARTLET_PORT) is not allowed: it must be a whole number from 0 to 65535; \
                set it with --port or MARTLET_PORT
                """
        )
        #expect(error.exitCode == 1)
        let flag = try #require(await message(flags: [.port: "http"]))
        #expect(flag.message.contains("(from --port)"))
        #expect(flag.exitCode == 64)
        let directory = try TemporaryDirectory()
        let file = try directory.file("c.json", #"{"lease": "soon"}"#)
        let inFile = try #require(await message(flags: [.config: file]))
        #expect(inFile.message.contains("lease \"soon\" (from \(file))"))
    }

    @Test(arguments: [
        (Setting.host, "127.0.0.1:8080"), (.host, "http://x"), (.host, "a b"), (.port, "-1"), (.port, "8080 "),
        (.node, "a:b"), (.node, "{n}"), (.node, String(repeating: "n", count: 41)), (.threads, "0"),
        (.logLevel, "loud"),
        (.prefix, "a{b}"), (.prefix, "*"), (.prefix, "a b"), (.lease, "0.5s"), (.lease, "1d"), (.heartbeat, "1ms"),
        (.outboundLimit, "1KiB"), (.retention, "0"), (.textLimit, "0"), (.frameLimit, "2MiB"), (.burst, "0"),
        (.rate, "0"),
        (.rate, "nan"), (.rate, "fast"), (.redisDeadline, "0"), (.webRoot, "/nonexistent"), (.roomsPerSession, "many"),
    ])
    func wrongValuesAreRefused(setting: Setting, text: String) async throws {
        let error = try #require(await message(environment: [setting.variable: text]))
        #expect(error.message.contains("\(setting.rawValue) \"\(text)\" (from \(setting.variable))"))
        #expect(error.message.contains("it must be "))
    }

    @Test func allowances() async throws {
        let read = try await NodeConfiguration.read(environment: [
            "MARTLET_USER_FRAMES": "100/1.5s", "MARTLET_USER_JOINS": "OFF", "MARTLET_USER_UPLOADS": "10MiB/1h",
            "MARTLET_USER_RENAMES": "5/1h",
        ])
        #expect(read.userFrames == Allowance(100, per: 1_500) && read.userUploads == Allowance(10_240, per: 3_600_000))
        #expect(read.userRenames == Allowance(5, per: 3_600_000))
        #expect(!read.userJoins.isLimited && read.strangerMessages == Allowance(50, per: 300_000))
        for wrong in ["100", "0/1m", "-1/1m", "1e3/1m", "100/0", "100/25h", "100/1m/2", "x/1m", "100/", "1MiB/1m"] {
            let error = await message(environment: ["MARTLET_USER_JOINS": wrong])
            #expect(error?.message.contains("how many in which time") == true, "\(wrong)")
        }
        let small = await message(environment: ["MARTLET_USER_UPLOADS": "100KiB/1m"])
        #expect(small?.message.contains("is less than one attachment") == true)
    }

    @Test func operatorsAreNamesAndIDs() async throws {
        let read = try await NodeConfiguration.read(environment: ["MARTLET_OPERATORS": " ann, Bob Lee,id:x-42 ,"])
        #expect(read.operators == Operators(["ann", "Bob Lee", "id:x-42"]))
        #expect(try await NodeConfiguration.read(environment: [:]).operators == Operators())
        for wrong in ["a:b", "ann,id:", "id:a.b"] {
            let error = await message(environment: ["MARTLET_OPERATORS": wrong])
            #expect(error?.message.contains("names of accounts") == true)
        }
    }

    @Test func bracketsOfAnAddressAreDropped() async throws {
        #expect(try await NodeConfiguration.read(flags: [.host: "[::1]"]).host == "::1")
    }

    @Test func redisURLsAreCheckedAndNeverShown() async throws {
        for url in ["http://u:geheim@h", "redis://geheim@h", "unix://", "geheim"] {
            let error = try #require(await message(environment: ["MARTLET_REDIS": url]))
            #expect(error.message.hasPrefix("redis (from MARTLET_REDIS) is not allowed: "))
            #expect(!error.message.contains("geheim"))
        }
    }

    @Test func settingsThatDoNotGoTogether() async throws {
        let lease = try #require(await message(environment: ["MARTLET_LEASE": "10s"]))
        #expect(
            lease.message.contains(
                "heartbeat 5s (the default) must be at most a third of lease 10s (from MARTLET_LEASE)"))
        let text = try #require(await message(environment: ["MARTLET_TEXT_LIMIT": "65536"]))
        #expect(text.message.contains("frameLimit 65536 (the default)"))
    }

    @Test func unknownKeysOfTheFileAreErrors() async throws {
        let directory = try TemporaryDirectory()
        let typo = try directory.file("a.json", #"{"prot": 1}"#)
        #expect(
            await message(flags: [.config: typo])?.message.contains(#"unknown key "prot": did you mean "port"?"#)
                == true)
        let nested = try directory.file("b.json", #"{"port": {"number": 1}}"#)
        #expect(await message(flags: [.config: nested])?.message.contains("must be a string or a number") == true)
        let boolean = try directory.file("c.json", #"{"port": true}"#)
        #expect(await message(flags: [.config: boolean])?.message.contains("must be a string or a number") == true)
        for (name, text) in [("d.json", "[]"), ("e.json", "{"), ("f.json", "")] {
            let file = try directory.file(name, text)
            #expect(await message(flags: [.config: file])?.message.contains("must hold one JSON object") == true)
        }
        let missing = directory.path + "/none.json"
        #expect(await message(flags: [.config: missing])?.message.contains("cannot be opened") == true)
        #expect(await message(flags: [.config: directory.path])?.message.contains("\(directory.path)") == true)
    }

    @Test func unknownVariablesAreWarnings() async throws {
        let settings = try await SettingsReader(
            flags: [:],
            environment: ["MARTLET_PROT": "1", "MARTLET_SERVICE_HOST": "10.0.0.1", "PATH": "/bin"]
        )
        #expect(
            settings.warnings == [
                "the environment variable MARTLET_PROT is none of Martlet's settings and is ignored: did you mean MARTLET_PORT?",
                "the environment variable MARTLET_SERVICE_HOST is none of Martlet's settings and is ignored",
            ]
        )
    }

    @Test func secretsFromFiles() async throws {
        let directory = try TemporaryDirectory()
        let url = try directory.file("url", "redis://:pass@h:1/0\n")
        let fromFile = try await NodeConfiguration.read(environment: ["MARTLET_REDIS_FILE": url])
        #expect(fromFile.redis?.password == "pass")
        let flag = try await NodeConfiguration.read(
            flags: [.redis: "redis://f"], environment: ["MARTLET_REDIS_FILE": url])
        #expect(flag.redis?.password == nil)

        let both = await message(environment: ["MARTLET_REDIS_FILE": url, "MARTLET_REDIS": "redis://e"])
        #expect(both?.message.contains("both redis and redisFile (from MARTLET_REDIS) are set") == true)
        let short = try directory.file("short", "abc")
        #expect(await message(environment: ["MARTLET_SECRET_FILE": short])?.message.contains("3 bytes") == true)
        let empty = try directory.file("empty", "\n")
        #expect(await message(environment: ["MARTLET_SECRET_FILE": empty])?.message.contains("is empty") == true)
        let missing = await message(environment: ["MARTLET_SECRET_FILE": directory.path + "/none"])
        #expect(missing?.message.contains("cannot be opened") == true)
    }
    @Test func aPasswordOfRedisApartFromItsURL() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("password", "  from a file \n")
        let read = try await NodeConfiguration.read(environment: [
            "MARTLET_REDIS": "redis://martlet@r", "MARTLET_REDIS_PASSWORD_FILE": file,
        ])
        #expect(read.redis?.user == "martlet")
        #expect(read.redis?.password == "from a file")
        let direct = try await NodeConfiguration.read(environment: [
            "MARTLET_REDIS": "redis://martlet@r", "MARTLET_REDIS_PASSWORD": "direct",
        ])
        #expect(direct.redis?.password == "direct")
        let inTheURL = try await NodeConfiguration.read(environment: [
            "MARTLET_REDIS": "redis://martlet:own@r", "MARTLET_REDIS_PASSWORD_FILE": file,
        ])
        #expect(inTheURL.redis?.password == "own")
        // Without a Redis to log in to it is not even looked for.
        let alone = try await NodeConfiguration.read(environment: ["MARTLET_REDIS_PASSWORD_FILE": "/nonexistent"])
        #expect(alone.redis == nil)
        let wrong = await message(environment: [
            "MARTLET_REDIS": "redis://martlet@", "MARTLET_REDIS_PASSWORD": "geheim",
        ])
        #expect(wrong?.message.contains("names no host") == true)
        #expect(wrong?.message.contains("geheim") == false)
    }

    @Test func aPasswordOnTheCommandLineIsAWarning() async throws {
        let shown = try await SettingsReader(flags: [.redis: "redis://u:geheim@r"], environment: [:]).warnings
        #expect(shown.count == 1)
        #expect(shown.first?.contains("MARTLET_REDIS_PASSWORD_FILE") == true)
        #expect(shown.first?.contains("geheim") == false)
        #expect(try await SettingsReader(flags: [.redis: "redis://r"], environment: [:]).warnings.isEmpty)
        #expect(
            try await SettingsReader(flags: [:], environment: ["MARTLET_REDIS": "redis://u:p@r"]).warnings.isEmpty)
    }
}
