import ChatProtocol
import NIOCore

/// A user who has sessions on this node.
struct HubUser {
    var name: DisplayName
    /// Sessions on each loop, by the loop's index.
    var sessions: [Int]
    /// Since when, in milliseconds by Redis's clock, the user's channel brings everything.
    var since: Int64
    var isSubscribed = false
    /// Since when, by Redis's clock, the user's inbox has not been looked at.
    var comparedAt: Int64
    var isComparing = false
    /// What the user has set; read once the channel is subscribed, and again whenever it says that this changed.
    var profile = Profile()
    /// Sessions that wait until the user's channel is subscribed.
    var waiting: [(loop: Int, ticket: Int, isOperator: Bool)] = []
    /// When the user is taken to have left, unless a session comes back before.
    var leavesAt: NIODeadline?

    init(name: DisplayName, sessions: [Int], since: Int64) {
        self.name = name
        self.sessions = sessions
        self.since = since
        self.comparedAt = since
    }

    var hasSessions: Bool { self.sessions.contains { $0 > 0 } }
}
