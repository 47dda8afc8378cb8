public import ChatCore
public import ChatProtocol
public import NIOCore
public import RedisClient

/// Counts what users do, by Redis's clock, over one command link. Used on the link's event loop only.
public final class RedisAllowances: Allowances {
    private let link: RedisCommandLink
    private let keys: RedisKeys
    private let limits: [Spending: Allowance]

    /// - Parameters:
    ///   - link: made with ``RedisScripts/all``.
    ///   - limits: what is not there is not limited.
    public init(link: RedisCommandLink, keys: RedisKeys, limits: [Spending: Allowance]) {
        self.link = link
        self.keys = keys
        self.limits = limits
    }

    public func spend(
        _ amount: Int, of spending: Spending, by user: UserID, isDone: Bool
    ) -> EventLoopFuture<Int64> {
        guard let limit = self.limits[spending], limit.isLimited, amount > 0 else {
            return self.link.eventLoop.makeSucceededFuture(0)
        }
        return self.link.run(
            RedisScripts.throttle,
            keys: [RedisArgument(self.keys.throttle("\(spending.rawValue) \(user)"))],
            arguments: [
                RedisArgument("\(limit.interval)"), RedisArgument(limit.amount),
                // More than there ever is at once could never be done.
                RedisArgument(min(amount, isDone ? amount : limit.amount)), isDone ? "1" : "0",
            ]
        ).reading("throttle") { $0.int.map { Int64($0) } }
    }
}

@available(*, unavailable)
extension RedisAllowances: Sendable {}
