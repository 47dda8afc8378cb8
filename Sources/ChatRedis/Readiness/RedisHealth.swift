internal import ChatCore
public import NIOCore
public import RedisClient

/// Whether a Redis is fit to hold logs. What it cannot find out, because an ACL forbids INFO, it passes over.
public enum RedisHealth {
    /// Why a node must not be ready with this Redis. The description says what to do.
    public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// Redis may remove keys when it is full: a log would lose parts of itself without anybody noticing.
        case evicts(policy: String)
        /// Too old: `MINID`, `GT` and exclusive ranges came with 6.2.
        case tooOld(version: String)

        public var description: String {
            switch self {
            case .evicts(let policy):
                "Redis removes keys when it is full (maxmemory-policy \(policy)), which would destroy chat logs: "
                    + "set maxmemory-policy noeviction"
            case .tooOld(let version):
                "Redis \(version) is too old: version 6.2 or later is needed"
            }
        }
    }

    /// Looks at version and memory settings.
    ///
    /// - Returns: a future that fails with ``Problem`` or, when Redis cannot be asked, with a `StoreError`.
    public static func check(_ link: RedisCommandLink) -> EventLoopFuture<Void> {
        let server = self.info("server", link)
        let memory = self.info("memory", link)
        return server.and(memory).flatMapThrowing { server, memory in
            if let problem = self.problem(server: server, memory: memory) { throw problem }
        }
    }

    static func problem(server: [String: String], memory: [String: String]) -> Problem? {
        if let version = server["redis_version"], self.isTooOld(version) { return .tooOld(version: version) }
        // Whatever the limit is now: it may be set at any time, and then nobody asks again.
        if let policy = memory["maxmemory_policy"], policy != "noeviction" { return .evicts(policy: policy) }
        return nil
    }

    private static func isTooOld(_ version: String) -> Bool {
        let numbers = version.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
        return numbers.lexicographicallyPrecedes([6, 2])
    }

    private static func info(_ section: String, _ link: RedisCommandLink) -> EventLoopFuture<[String: String]> {
        link.send(["INFO", RedisArgument(section)]).map { reply in
            var fields: [String: String] = [:]
            for line in (reply.string ?? "").split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
            }
            return fields
        }.flatMapErrorThrowing { error in
            if case RedisError.server(let answer) = error, answer.code == "NOPERM" || answer.code == "ERR" {
                return [:]
            }
            throw StoreError(error)
        }
    }
}
