import ChatCore
import ChatGateway
import ChatRedis
import Logging
import NIOCore
import RedisClient

/// A node's event loops: on each a link for commands to Redis, the stores over it, and the sessions.
struct NodeLoops: Sendable {
    /// One loop's own.
    struct Member: Sendable {
        let eventLoop: any EventLoop
        let link: NIOLoopBound<RedisCommandLink>
        let sessions: NIOLoopBound<SessionLoop>
        let handle: LoopHandle
    }

    let members: [Member]

    var handles: [LoopHandle] { self.members.map(\.handle) }

    var sessionLoops: SessionLoops {
        SessionLoops(self.members.map(\.sessions), eventLoops: self.members.map(\.eventLoop))
    }

    /// Makes the loops; their links begin to connect.
    static func start(
        _ blueprint: NodeBlueprint, identities: any Identities, on group: any EventLoopGroup
    ) async throws -> NodeLoops {
        var members: [Member] = []
        for (index, eventLoop) in group.makeIterator().enumerated() {
            let member = try await eventLoop.submit {
                Self.member(blueprint, identities: identities, eventLoop: eventLoop, index: index)
            }.get()
            members.append(member)
        }
        return NodeLoops(members: members)
    }

    private static func member(
        _ blueprint: NodeBlueprint, identities: any Identities, eventLoop: any EventLoop, index: Int
    ) -> Member {
        let link = blueprint.commandLink(on: eventLoop, name: "commands-\(index)")
        link.start()
        let sessions = SessionLoop(
            node: blueprint.node,
            eventLoop: eventLoop,
            index: index,
            log: RedisMessageLog(link: link, keys: blueprint.keys, settings: blueprint.stores),
            directory: blueprint.directory(over: link),
            profiles: blueprint.profiles(over: link),
            conversations: blueprint.conversations(over: link),
            policies: blueprint.policies(over: link),
            identities: identities,
            settings: blueprint.sessions,
            logger: blueprint.logger
        )
        sessions.allowances = blueprint.allowances(over: link)
        link.onStateChange = { [unowned sessions] state in sessions.commandsChanged(isUp: state == .ready) }
        Self.keepAlive(link)
        return Member(
            eventLoop: eventLoop,
            link: NIOLoopBound(link, eventLoop: eventLoop),
            sessions: NIOLoopBound(sessions, eventLoop: eventLoop),
            handle: LoopHandle(sessions)
        )
    }

    /// A link whose peer is gone without a word shows it only by an unanswered command, and a loop may have none for
    /// long: so an idle one asks every second, and its sessions hear within the command deadline.
    private static func keepAlive(_ link: RedisCommandLink) {
        let bound = NIOLoopBound(link, eventLoop: link.eventLoop)
        link.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { task in
            switch bound.value.state {
            case .ready where bound.value.pendingCount == 0: _ = bound.value.send(["PING"])
            case .closed: task.cancel()
            default: break
            }
        }
    }

    /// Runs something on every loop, one after the other.
    func forEach(_ body: @escaping @Sendable (Member) -> Void) async {
        for member in self.members {
            _ = try? await member.eventLoop.submit { body(member) }.get()
        }
    }
}
