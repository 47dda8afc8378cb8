import ChatCore
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct ReadinessTests {
    @Test func allNodesGetOneSecretAndAnEmptyRedisGetsItBack() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    async let first = one.wait { TokenSecretStore(link: $0.link, keys: $0.keys).load() }
                    async let second = other.wait { TokenSecretStore(link: $0.link, keys: $0.keys).load() }
                    let (secret, same) = try await (first, second)
                    #expect(secret == same && secret.count == 64)
                    #expect(secret.allSatisfy { $0.isHexDigit })
                    try await one.send("FLUSHALL")
                    try await one.wait { TokenSecretStore(link: $0.link, keys: $0.keys).reassert(secret) }
                    try await other.wait { TokenSecretStore(link: $0.link, keys: $0.keys).reassert("another") }
                    #expect(try await other.wait { TokenSecretStore(link: $0.link, keys: $0.keys).load() } == secret)
                }
            }
        }
    }

    @Test func aSecretThatIsNoneIsRefused() async throws {
        try await withStores { stores in
            try await stores.send("SET", "t:secret", "short")
            let error = await stores.failure { TokenSecretStore(link: $0.link, keys: $0.keys).load() }
            guard case StoreError.refused? = error else {
                Issue.record("not refused: \(String(describing: error))")
                return
            }
        }
    }

    @Test func aRedisThatRemovesKeysIsNotFit() async throws {
        try await withStores { stores in
            try await stores.wait { RedisHealth.check($0.link) }
            try await stores.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            let error = await stores.failure { RedisHealth.check($0.link) }
            #expect(error as? RedisHealth.Problem == .evicts(policy: "allkeys-lru"))
            #expect("\(RedisHealth.Problem.evicts(policy: "allkeys-lru"))".contains("set maxmemory-policy noeviction"))
            try await stores.send("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try await stores.wait { RedisHealth.check($0.link) }
        }
    }

    @Test func whatMayNotBeAskedIsPassedOver() async throws {
        try await withStores { stores in
            try await stores.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            try await stores.send("ACL", "SETUSER", "default", "-info")
            try await stores.wait { RedisHealth.check($0.link) }
        }
    }
}
