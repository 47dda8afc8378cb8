import ChatCore
import ChatProtocol
import NIOCore

extension FakeStore: Directory {
    func arrive(_ user: UserID, name: DisplayName, former: DisplayName?) -> EventLoopFuture<Arrival> {
        perform(.arrive) {
            var free = name
            for number in 2..<100 where redis.names[free.folded] ?? user != user {
                free = name.variation(number) ?? name
            }
            if let former, former.folded != free.folded, redis.names[former.folded] == user {
                redis.names[former.folded] = nil
            }
            redis.names[free.folded] = user
            redis.profiles[user] = free.string
            return Arrival(name: free, at: redis.clock)
        }
    }

    func rename(_ user: UserID, from former: DisplayName, to name: DisplayName) -> EventLoopFuture<Bool> {
        perform(.rename) {
            guard redis.names[name.folded] ?? user == user else { return false }
            redis.names[former.folded] = nil
            redis.names[name.folded] = user
            redis.profiles[user] = name.string
            return true
        }
    }

    func leave(_ user: UserID, name: DisplayName) {
        redis.names[name.folded] = nil
        shown[user] = nil
        departed.append(user)
    }

    func free(_ name: DisplayName, of user: UserID) {
        if redis.names[name.folded] == user { redis.names[name.folded] = nil }
    }

    func keep(_ names: [(UserID, DisplayName)]) {
        for (user, name) in names {
            redis.names[name.folded] = user
            shown[user] = name.string
        }
    }

    func show(_ user: PresentUser) {
        shown[user.id] = user.name
    }

    func move(to node: NodeID) {}

    func name(of user: UserID) -> EventLoopFuture<String?> {
        perform(.find) { redis.profiles[user] }
    }

    func user(named name: DisplayName) -> EventLoopFuture<UserID?> {
        perform(.find) { redis.names[name.folded] }
    }

    func online(after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage> {
        perform(.list) {
            let users = shown.sorted { $0.key.string < $1.key.string }.map {
                PresentUser(id: $0.key, name: $0.value, status: "online", since: 0, sessions: 1)
            }
            return OnlinePage(users: Array(users.prefix(limit)), count: users.count, next: nil)
        }
    }

    func rooms(after cursor: String?, limit: Int) -> EventLoopFuture<RoomsPage> {
        perform(.list) {
            let rooms = redis.shares.map { room, shares in
                RoomSummary(room: room, topic: nil, members: shares.values.reduce(0) { $0 + $1.count }, lastAt: nil)
            }
            return RoomsPage(rooms: rooms.sorted { $0.room.string < $1.room.string }, next: nil)
        }
    }

    func note(_ room: RoomName) {}
}
