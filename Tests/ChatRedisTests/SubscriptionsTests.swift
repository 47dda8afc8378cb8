import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct SubscriptionsTests {
    /// Writes down what it is told.
    private final class Recorder: SubscriptionReceiver {
        let subscriptions: RedisSubscriptions
        var events: [String] = []
        var subjects: [TopicSubject] = []
        var mine: TopicSubject?

        init(_ subscriptions: RedisSubscriptions) {
            self.subscriptions = subscriptions
            subscriptions.receiver = self
        }

        func received(_ payload: ByteBuffer, for subject: TopicSubject) {
            self.subjects.append(subject)
            self.events.append("\(Self.name(subject.topic)) \(String(buffer: payload))")
        }

        func receivedAll() {}

        func resubscribed(_ topics: [Topic]) {
            self.events.append("resubscribed " + topics.map(Self.name).sorted().joined(separator: " "))
        }

        func linkChanged(isUp: Bool) {
            self.events.append(isUp ? "up" : "down")
        }

        private static func name(_ topic: Topic) -> String {
            switch topic {
            case .room(let room): "room:\(room)"
            case .user(let user): "user:\(user)"
            case .echo(let node): "echo:\(node)"
            case .posts(let node): "posts:\(node)"
            }
        }
    }

    private func recorder(_ stores: StoresOnLoop) async throws -> NIOLoopBound<Recorder> {
        let eventLoop = stores.eventLoop
        return try await stores {
            NIOLoopBound(Recorder(RedisSubscriptions(link: $0.subscriber, keys: $0.keys)), eventLoop: eventLoop)
        }
    }

    @Test func roomsAndUsersAreHeardUntilUnsubscribed() async throws {
        try await withStores { stores in
            let recorder = try await self.recorder(stores)
            let (lobby, ann) = (try room(), try user("u1"))
            try await stores.wait { _ in
                let mine = TopicSubject(.room(lobby))
                recorder.value.mine = mine
                return recorder.value.subscriptions.subscribe(mine)
            }
            try await stores.wait { _ in recorder.value.subscriptions.subscribe(.user(ann)) }
            #expect(try await stores.send("PUBLISH", "t:room:{lobby}", "one").int == 1)
            #expect(try await stores.send("PUBLISH", "t:user:{u1}", "two").int == 1)
            try await eventually("both were heard") { try await stores { _ in recorder.value.events.count } == 2 }
            #expect(try await stores { _ in recorder.value.events } == ["room:lobby one", "user:u1 two"])
            #expect(
                try await stores { _ in
                    recorder.value.subjects[0] === recorder.value.mine && recorder.value.subjects[1].topic == .user(ann)
                })

            try await stores { _ in recorder.value.subscriptions.unsubscribe(.room(lobby)) }
            try await eventually("Redis knows") {
                try await stores.send("PUBLISH", "t:room:{lobby}", "three").int == 0
            }
            #expect(try await stores { _ in recorder.value.subscriptions.count } == 1)
            #expect(try await stores { _ in recorder.value.events.count } == 2)
        }
    }

    @Test func aLostLinkComesBackWithItsTopics() async throws {
        try await withStores { stores in
            let recorder = try await self.recorder(stores)
            let (lobby, ann) = (try room(), try user("u1"))
            try await stores.wait { _ in recorder.value.subscriptions.subscribe(.room(lobby)) }
            try await stores.wait { _ in recorder.value.subscriptions.subscribe(.user(ann)) }
            try await stores.send("CLIENT", "KILL", "TYPE", "pubsub")
            try await eventually("all is back") {
                let events = try await stores { _ in recorder.value.events }
                return events.contains("resubscribed room:lobby user:u1")
            }
            let events = try await stores { _ in recorder.value.events }
            #expect(events == ["down", "up", "resubscribed room:lobby user:u1"])
        }
    }

    @Test func aNodeHearsItsOwnEchoAndCanReconnect() async throws {
        try await withStores { stores in
            let recorder = try await self.recorder(stores)
            let id = try node("n-1")
            try await stores.wait { _ in recorder.value.subscriptions.subscribe(.echo(id)) }
            let hearers = try await stores.wait { $0.presence.publish(ByteBuffer(string: "1"), to: .echo(id)) }
            #expect(hearers == 1)
            try await eventually("the echo came") { try await stores { _ in recorder.value.events } == ["echo:n-1 1"] }
            try await stores { _ in recorder.value.subscriptions.reconnect(reason: "deaf") }
            try await eventually("the link is back") {
                try await stores { _ in recorder.value.events.last } == "resubscribed echo:n-1"
            }
        }
    }

    @Test func aFailedSubscriptionLeavesNothing() async throws {
        try await withRedisServer { server in
            try await withStores(server) { stores in
                let recorder = try await self.recorder(stores)
                server.kill()
                try await eventually("the link is down") {
                    try await stores { _ in recorder.value.events.last } == "down"
                }
                let lobby = try room()
                let error = await stores.failure { _ in recorder.value.subscriptions.subscribe(.room(lobby)) }
                guard case StoreError.unavailable? = error else {
                    Issue.record("not unavailable: \(String(describing: error))")
                    return
                }
                #expect(try await stores { _ in recorder.value.subscriptions.count } == 0)
            }
        }
    }
}
