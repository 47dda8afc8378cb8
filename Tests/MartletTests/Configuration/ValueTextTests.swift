import Testing

@testable import martlet

struct ValueTextTests {
    @Test(arguments: [
        ("15s", Duration.seconds(15)), ("15", .seconds(15)), ("1.5", .milliseconds(1500)),
        ("500ms", .milliseconds(500)),
        ("0", .zero), ("2m", .seconds(120)), ("1h", .seconds(3600)), ("0.25s", .milliseconds(250)),
    ])
    func durationsAreRead(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", "s", "ms", "-1s", "+1", "1 s", "1d", "nan", "inf", "0x10", "1e3", "1.2.3", ".5", "15S",
        "99999999999999999999h", "٣s",
    ])
    func otherTextsAreNoDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: ["15s", "500ms", "5m", "1h", "0s", "1500ms", "90s"])
    func durationsAreWrittenAsTheyAreRead(text: String) throws {
        #expect(DurationText.format(try #require(DurationText.parse(text))) == text)
    }

    @Test func byteCounts() {
        #expect(ByteCount.parse("65536") == 65536)
        #expect(ByteCount.parse("64KiB") == 65536)
        #expect(ByteCount.parse("1MiB") == 1_048_576)
        #expect(ByteCount.parse("1GiB") == 1_073_741_824)
        for text in ["", "KiB", "-1", "+1", "1.5MiB", "1kb", "9999999999999999999", "9000000000000GiB", "٣"] {
            #expect(ByteCount.parse(text) == nil, "\(text)")
        }
    }

    @Test func spelling() {
        #expect(Spelling.closest(to: "MARTLET_PROT", among: ["MARTLET_HOST", "MARTLET_PORT"]) == "MARTLET_PORT")
        #expect(Spelling.closest(to: "loglevel", among: ["lease", "logLevel"]) == "logLevel")
        #expect(Spelling.closest(to: "x", among: ["lease"]) == nil)
        #expect(Spelling.closest(to: "", among: ["lease"]) == nil)
    }

    @Test func variablesAndFlags() {
        #expect(Setting.logLevel.variable == "MARTLET_LOG_LEVEL")
        #expect(Setting.logLevel.flag == "--log-level")
        #expect(Setting.roomsPerSession.variable == "MARTLET_ROOMS_PER_SESSION")
        #expect(Setting.redisFile.variable == "MARTLET_REDIS_FILE")
        #expect(Setting.secret.flag == nil)
    }
}
