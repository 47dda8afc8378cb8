import Testing

@testable import ExternalTokens

@Suite struct IssuerFileTests {
    private func read(_ text: String) throws(IssuerFile.Failure) -> [Issuer] {
        try IssuerFile.parse(Array(text.utf8), path: "/etc/martlet/issuers.json")
    }

    private func failure(_ text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func whatHasToBeThere() throws {
        let issuers = try read(
            #"[{"issuer": "shop", "audience": "chat", "algorithms": "HS256", "secretFile": "shop.secret"}]"#)
        #expect(
            issuers == [
                Issuer(
                    name: "shop", audiences: ["chat"], algorithms: [.hs256],
                    keys: .secret(file: "/etc/martlet/shop.secret"))
            ])
    }

    @Test func whatCanBeThere() throws {
        let issuers = try read(
            """
            [{"issuer": "a", "audience": ["chat", "chat2"], "algorithms": ["RS256", "EdDSA"], "jwks": "https://a.example/jwks",
              "prefix": "a1", "claims": {"user": "uid", "name": "n", "roles": "r.s", "rooms": "rooms2"}, "operatorRole": "",
              "leeway": 5, "refresh": 60, "refreshUnknown": 2},
             {"issuer": "b", "audience": "chat", "algorithms": ["ES256"], "keyFile": "/keys/b.pem", "kid": "k1"}]
            """)
        var first = Issuer(
            name: "a", audiences: ["chat", "chat2"], algorithms: [.rs256, .edDSA], keys: .url("https://a.example/jwks"))
        first.prefix = "a1"
        first.claims.user = "uid"
        first.claims.name = "n"
        first.claims.roles = "r.s"
        first.claims.rooms = "rooms2"
        first.operatorRole = ""
        first.leeway = .seconds(5)
        first.refreshInterval = .seconds(60)
        first.unknownKeyInterval = .seconds(2)
        #expect(issuers.first == first)
        #expect(
            issuers.last?.keys == .file("/keys/b.pem") && issuers.last?.keyID == "k1" && issuers.last?.prefix == "x")
    }

    @Test(arguments: [
        ("", "is not JSON"), ("{}", "must hold a JSON array"), ("[]", "must hold a JSON array"),
        ("[7]", "must be a JSON object"),
        (#"[{}]"#, "number 1 in /etc/martlet/issuers.json: 'issuer' must be"),
        (#"[{"issuer":"a"}]"#, "the issuer a in /etc/martlet/issuers.json: 'audience'"),
        (#"[{"issuer":"a","audience":[]}]"#, "'audience'"),
        (#"[{"issuer":"a","audience":"c","algorithms":"HS256"}]"#, "keys in one of"),
        (#"[{"issuer":"a","audience":"c","secretFile":"s","jwks":"https://a"}]"#, "keys in one of"),
        (#"[{"issuer":"a","audience":"c","secretFile":"s"}]"#, "'algorithms' must be"),
        (#"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":["none"]}]"#, "'algorithms' has none"),
        (#"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":["HS256","RS256"]}]"#, "HS256 alone"),
        (
            #"[{"issuer":"a","audience":"c","keyFile":"k","algorithms":["RS256","HS256"]}]"#,
            "HS256 takes a shared secret"
        ),
        (
            #"[{"issuer":"a","audience":"c","jwks":"http://a.example","algorithms":"RS256"}]"#,
            "must begin with https://"
        ),
        (#"[{"issuer":"a","audience":"c","jwks":"https://u:p@a.example","algorithms":"RS256"}]"#, "without a password"),
        (#"[{"issuer":"a","audience":"c","jwks":"file:///k","algorithms":"RS256"}]"#, "https://"),
        (#"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256","prefix":"u"}]"#, "'prefix' must be"),
        (#"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256","prefix":"a-b"}]"#, "'prefix' must be"),
        (
            #"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256","leeway":301}]"#,
            "'leeway' must be seconds"
        ),
        (
            #"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256","audiense":1}]"#,
            "'audiense' is unknown"
        ),
        (
            #"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256","claims":{"id":"x"}}]"#,
            "'id' is unknown"
        ),
        (
            #"[{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256","claims":{"user":"."}}]"#,
            "a claim's name"
        ),
        (#"[{"issuer":"a","issuer":"b"}]"#, "must hold a JSON array"),
    ])
    func whatIsWrong(text: String, says: String) {
        #expect(failure(text)?.contains(says) == true, "\(failure(text) ?? "nothing")")
    }

    @Test func issuersAreToldApart() {
        let one = #"{"issuer":"a","audience":"c","secretFile":"s","algorithms":"HS256"}"#
        let two = #"{"issuer":"b","audience":"c","secretFile":"s","algorithms":"HS256"}"#
        #expect(failure("[\(one),\(one)]")?.contains("same 'issuer'") == true)
        #expect(failure("[\(one),\(two)]")?.contains("same 'prefix'") == true)
    }

    @Test func trustedNetworksMayDoWithoutTLS() throws {
        let here = #"[{"issuer":"a","audience":"c","jwks":"http://127.0.0.1:8/k","algorithms":"RS256"}]"#
        let told = #"[{"issuer":"a","audience":"c","jwks":"http://idp:8/k","algorithms":"RS256","allowHTTP":true}]"#
        #expect(try read(here).count == 1 && read(told).count == 1)
    }

    @Test func theFileItself() throws {
        let scratch = try Scratch()
        for path in [scratch.path, scratch.path + "/none"] {
            #expect(throws: IssuerFile.Failure.self) { try IssuerFile.read(path) }
        }
    }
}
