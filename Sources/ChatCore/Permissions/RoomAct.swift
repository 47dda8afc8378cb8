public import ChatProtocol

/// What a moderator or an owner does in a room.
enum RoomAct: Sendable, Equatable {
    case kick(UserID, reason: String?)
    case ban(UserID, reason: String?, duration: Int64?)
    case unban(UserID)
    case mute(UserID, reason: String?, duration: Int64?)
    case unmute(UserID)
    case appoint(UserID, RoomRole)
    case invite(UserID)
    case uninvite(UserID)
    case topic(String?)
    case configure(access: RoomAccess?, isAnnouncement: Bool?, slowMode: Int64?)

    /// The frame's type, and the audit's `act`.
    var name: String {
        switch self {
        case .kick: "kick"
        case .ban: "ban"
        case .unban: "unban"
        case .mute: "mute"
        case .unmute: "unmute"
        case .appoint: "role"
        case .invite: "invite"
        case .uninvite: "uninvite"
        case .topic: "topic"
        case .configure: "configure"
        }
    }

    /// Whom it is done to.
    var target: UserID? {
        switch self {
        case .kick(let user, _), .ban(let user, _, _), .unban(let user), .mute(let user, _, _), .unmute(let user),
            .appoint(let user, _), .invite(let user), .uninvite(let user):
            user
        case .topic, .configure: nil
        }
    }

    /// All that the actor needs to be allowed.
    var rights: [RoomRight] {
        switch self {
        case .kick: return [.kick]
        case .ban, .unban: return [.ban]
        case .mute, .unmute: return [.mute]
        case .appoint: return [.appoint]
        case .invite, .uninvite: return [.invite]
        case .topic: return [.topic]
        case .configure(let access, let isAnnouncement, let slowMode):
            var rights: [RoomRight] = slowMode == nil ? [] : [.slowMode]
            if access != nil || isAnnouncement != nil { rights.append(.configure) }
            return rights
        }
    }

    /// Whether it does no more than take back what was done to somebody.
    var takesBack: Bool {
        switch self {
        case .unban, .unmute, .uninvite: true
        default: false
        }
    }
}

/// Somebody whom an act concerns, as far as the store knows them.
public struct ActTarget: Sendable, Equatable {
    /// `nil`: never seen, or forgotten.
    public var name: String?
    public var isOperator: Bool

    public init(name: String?, isOperator: Bool) {
        self.name = name
        self.isOperator = isOperator
    }
}

/// What an act changes of a room's policy, and what the audit says of it.
public struct PolicyChange: Sendable, Equatable {
    public enum Edit: Sendable, Equatable {
        /// `topic`, `access`, `announcement` or `slowMode`; `nil` takes it away.
        case setting(String, String?)
        case record(RoomPolicy.List, UserID, RoomPolicy.Record?)
    }

    /// How many invitations a room may have.
    public static let mostInvitations = Moderation.limit(of: .invitations)

    /// The policy's version that this was decided on.
    public var version: Int
    public var edits: [Edit] = []
    /// Everybody who is in the room is invited.
    public var invitesPresent: RoomPolicy.Record?
    /// Names and values, in their order.
    public var audit: [AuditField] = []

    public struct AuditField: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(version: Int) {
        self.version = version
    }
}
