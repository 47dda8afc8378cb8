import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import martlet

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

struct ErrorLineTests {
    @Test func oneLineWhateverTheMessageQuotes() {
        let line = ErrorLine(UserFacingError("a\n  b\r\nc", exitCode: 3))
        #expect(line.text == "martlet: a b c")
        #expect(line.exitCode == 3)
    }

    @Test func aWrongCommandLineIsAUsageError() throws {
        let error = #expect(throws: (any Error).self) { try Martlet.parseAsRoot(["serve", "--prot", "1"]) }
        let line = ErrorLine(try #require(error))
        #expect(line.exitCode == 64)
        #expect(line.text?.hasPrefix("martlet: Unknown option '--prot'") == true)
        #expect(line.text?.contains("\n") == false)
    }

    @Test func bindingErrors() {
        func text(_ code: Int32) -> String {
            UserFacingError.cannotListen(host: "127.0.0.1", port: 80, error: IOError(errnoCode: code, reason: "bind"))
                .message
        }
        #expect(text(EADDRINUSE).hasPrefix("port 80 on 127.0.0.1 is used by another program"))
        #expect(text(EACCES).contains("choose a port of 1024 or more"))
        #expect(text(EADDRNOTAVAIL).contains("is no address of this machine"))
        #expect(text(EMFILE).hasPrefix("cannot listen on port 80 on 127.0.0.1"))
    }

    @Test func bindingToAnUnknownHost() async throws {
        let error = await #expect(throws: (any Error).self) {
            try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "nowhere.invalid", port: 0).get()
        }
        let told = UserFacingError.cannotListen(host: "nowhere.invalid", port: 0, error: try #require(error))
        #expect(told.message.hasPrefix("the host name nowhere.invalid is not known"))
    }

    @Test func logLinesCannotBeForged() {
        let captured = CapturedLines()
        var logger = Logger(label: "test") { _ in CompactLogHandler(logLevel: .info) { captured.append($0) } }
        logger[metadataKey: "room"] = "lobby"
        logger.debug("hidden")
        logger.warning("one\ntwo \u{1B}[31m", metadata: ["user": "a\r\nb\u{202E}", "count": "3"])
        #expect(captured.lines.count == 1)
        let line = captured.lines.first ?? ""
        #expect(line.hasSuffix(" warning  one\\ntwo \\u{1b}[31m count=3 room=lobby user=a\\r\\nb\\u{202e}\n"))
        #expect(line.prefixMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /#) != nil)
    }
}

private final class CapturedLines: Sendable {
    private let storage = Mutex<[String]>([])
    func append(_ line: String) { storage.withLock { $0.append(line) } }
    var lines: [String] { storage.withLock { $0 } }
}
