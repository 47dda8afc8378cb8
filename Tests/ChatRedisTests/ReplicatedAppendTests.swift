import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import TestSupport
import Testing

@Suite struct ReplicatedAppendTests {
    /// A server without replicas cannot reach one: the entry is stored, but that is not acknowledged.
    @Test func tooFewReplicasAreNoAcknowledgement() async throws {
        var settings = RedisStoreSettings()
        settings.replicas = 1
        settings.replicaTimeout = .milliseconds(50)
        try await withStores(settings: settings) { stores in
            let lobby = try room()
            await #expect(throws: StoreError.self) { try await stores.append("hello", to: lobby) }
            #expect(try await stores.latest(lobby).head.offset == 1)
        }
    }
}
