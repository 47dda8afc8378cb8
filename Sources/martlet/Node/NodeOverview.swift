import ChatCore
import ChatGateway
import ChatProtocol
import Foundation
import NIOCore
import RedisClient
import ServiceLifecycle

/// What the node tells operators of the cluster, over a link of its own, as a service: it ends when nobody asks any more.
struct NodeOverview: Service, ClusterOverview, CustomStringConvertible {
    private let reader: PresenceReader

    /// The link begins to connect.
    static func start(_ blueprint: NodeBlueprint, on eventLoop: any EventLoop) async throws -> NodeOverview {
        let link = try await eventLoop.submit {
            let link = blueprint.commandLink(on: eventLoop, name: "operators")
            link.start()
            return NIOLoopBound(link, eventLoop: eventLoop)
        }.get()
        return NodeOverview(
            reader: PresenceReader(
                redis: RedisSession(link, eventLoop: eventLoop),
                keys: PresenceKeys(prefix: blueprint.configuration.prefix)
            ))
    }

    func nodes() async throws -> ByteBuffer {
        let now = try await self.reader.time()
        return try Self.json(NodesReport(at: now, nodes: try await self.reader.nodeReports(now: now)))
    }

    func statistics() async throws -> ByteBuffer {
        try Self.json(try await self.reader.statistics())
    }

    func rooms(after: String?, limit: Int) async throws -> ByteBuffer {
        try Self.json(try await self.reader.rooms(after: after, limit: limit))
    }

    func presence(_ query: PresenceQuery) async throws -> ByteBuffer {
        let filter = PresenceFilter(room: query.room?.string, user: query.user, node: query.node)
        return try Self.json(try await self.reader.places(filter, after: query.after, limit: query.limit))
    }

    private static func json(_ report: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try ReportJSON.encode(report))
    }

    private struct NodesReport: Encodable {
        let at: Int64
        let nodes: [NodeReport]
    }

    var description: String { "NodeOverview" }

    func run() async throws {
        try? await gracefulShutdown()
        await self.reader.redis.close()
    }
}
