import RedisClient
import Testing

@Suite struct RedisEndpointTests {
    @Test(arguments: [
        ("redis://localhost", RedisEndpoint(address: .tcp(host: "localhost", port: 6379))),
        ("REDIS://10.0.0.1:7000/3", RedisEndpoint(address: .tcp(host: "10.0.0.1", port: 7000), database: 3)),
        ("redis://h/", RedisEndpoint(address: .tcp(host: "h", port: 6379))),
        ("redis://h?db=4", RedisEndpoint(address: .tcp(host: "h", port: 6379), database: 4)),
        ("redis://[::1]:7000", RedisEndpoint(address: .tcp(host: "::1", port: 7000))),
        ("redis://:pw@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), password: "pw")),
        (
            "redis://al%20ice:p%40%2f:w@h:1",
            RedisEndpoint(address: .tcp(host: "h", port: 1), user: "al ice", password: "p@/:w")
        ),
        ("redis://u:p@ss@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), user: "u", password: "p@ss")),
        ("rediss://h", RedisEndpoint(address: .tcp(host: "h", port: 6379), usesTLS: true)),
        ("unix:///run/r.sock", RedisEndpoint(address: .unixSocket(path: "/run/r.sock"))),
        ("unix:///a%20b?db=2", RedisEndpoint(address: .unixSocket(path: "/a b"), database: 2)),
        (
            "unix://u:p@/run/r",
            RedisEndpoint(address: .unixSocket(path: "/run/r"), user: "u", password: "p")
        ),
    ])
    func understands(url: String, endpoint: RedisEndpoint) throws {
        #expect(try RedisEndpoint(url: url) == endpoint)
    }

    @Test(arguments: [
        ("localhost:6379", RedisURLError.unknownScheme("localhost")),
        ("http://h", .unknownScheme("http")),
        ("", .unknownScheme("")),
        ("redis://", .missingHost),
        ("redis://:1", .missingHost),
        ("redis://[::1", .missingHost),
        ("redis://h:", .invalidPort),
        ("redis://h:0", .invalidPort),
        ("redis://h:65536", .invalidPort),
        ("redis://h:+5", .invalidPort),
        ("redis://h/x", .invalidDatabase),
        ("redis://h/-1", .invalidDatabase),
        ("redis://h?db=", .invalidDatabase),
        ("redis://h?timeout=1", .unknownOption),
        ("redis://secret@h", .ambiguousLogin),
        ("redis://user:@h", .missingPassword),
        ("redis://:%zz@h", .invalidPercentEncoding(of: "password")),
        ("redis://:%ff@h", .invalidPercentEncoding(of: "password")),
        ("redis://:%4@h", .invalidPercentEncoding(of: "password")),
        ("unix://run/r.sock", .missingSocketPath),
        ("unix:///", .missingSocketPath),
        ("unix:///" + String(repeating: "x", count: 200), .socketPathTooLong(limit: 107)),
    ])
    func refuses(url: String, error: RedisURLError) {
        #expect(throws: error) { try RedisEndpoint(url: url) }
        #expect(!error.description.isEmpty)
    }

    @Test(arguments: [
        ("redis://martlet@h", "martlet"), ("redis://martlet:@h:1/2", "martlet"), ("rediss://al%20ice@h", "al ice"),
        ("unix://martlet@/run/r", "martlet"), ("redis://h", nil),
    ])
    func takesAPasswordFromElsewhere(url: String, user: String?) throws {
        let endpoint = try RedisEndpoint(url: url, password: "apart")
        #expect(endpoint.user == user)
        #expect(endpoint.password == "apart")
    }

    @Test func aPasswordInTheURLHoldsBeforeTheOther() throws {
        #expect(try RedisEndpoint(url: "redis://u:own@h", password: "apart").password == "own")
        #expect(throws: RedisURLError.missingHost) { try RedisEndpoint(url: "redis://martlet@", password: "apart") }
    }

    @Test(arguments: [
        "redis://u:hunter2@h:1/2", "rediss://:hunter2@[::1]", "unix://u:hunter2@/run/r?db=1",
    ])
    func neverShowsThePassword(url: String) throws {
        let endpoint = try RedisEndpoint(url: url)
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), dumped, "\(Optional(endpoint) as Any)"] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
    }

    @Test(arguments: [
        "redis://u:hunter2#x@h", "redis://u:hunter2/x@h", "redis://u:6/hunter2@h", "redis://u:6?hunter2@h",
        "redis://u:hunter2%@h", "redis:u:hunter2@h", "hunter2@h:1",
    ])
    func errorsNeverShowThePassword(url: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisEndpoint(url: url) }
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }
}
