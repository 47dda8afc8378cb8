import ChatProtocol

/// What somebody is in a room, each more than the one before.
enum Standing: Int, Comparable, CaseIterable {
    /// Kept out by a ban.
    case banned
    /// Not invited to a private room.
    case stranger
    case member
    case moderator
    case owner
    /// Of the cluster: in every room more than an owner.
    case clusterOperator

    static func < (one: Standing, other: Standing) -> Bool { one.rawValue < other.rawValue }

    /// - Parameter now: milliseconds by Redis's clock.
    init(of user: UserID, isOperator: Bool, under policy: RoomPolicy, at now: Int64) {
        guard !isOperator else {
            self = .clusterOperator
            return
        }
        guard policy.ban(of: user, at: now) == nil else {
            self = .banned
            return
        }
        switch policy.role(of: user) {
        case .owner: self = .owner
        case .moderator: self = .moderator
        case .member:
            self = policy.settings.access == .private && !policy.isInvited(user) ? .stranger : .member
        }
    }
}

/// What somebody wants to do in a room.
enum RoomRight: String, CaseIterable {
    /// `join`, `resume`.
    case enter
    /// `who` from outside; members may, too, when the room is not public.
    case list
    /// `history`, `read`, and whatever is said.
    case read
    /// `send`, `attach`, `typing`, `edit`.
    case write
    case react
    /// `delete` of one's own message.
    case retract
    /// `delete` of another's.
    case retractOthers
    case topic
    case slowMode
    case kick
    /// `ban` and `unban`.
    case ban
    /// `mute` and `unmute`.
    case mute
    /// `invite` and `uninvite`.
    case invite
    /// `moderation` and `audit`.
    case review
    /// `configure`, but for the slow mode.
    case configure
    /// `role`.
    case appoint
}

/// Whether somebody may do something in a room: the table of `docs/moderation.md`, and the one place that decides. A value.
struct Permissions {
    let standing: Standing
    let settings: RoomSettings
    let isMuted: Bool
    /// Why a ban keeps them out.
    private var banReason: String?

    init(standing: Standing, settings: RoomSettings = RoomSettings(), isMuted: Bool = false) {
        self.standing = standing
        self.settings = settings
        self.isMuted = isMuted
    }

    /// - Parameter now: milliseconds by Redis's clock.
    init(of user: UserID, isOperator: Bool, under policy: RoomPolicy, at now: Int64) {
        self.init(
            standing: Standing(of: user, isOperator: isOperator, under: policy, at: now), settings: policy.settings,
            isMuted: policy.isMuted(user, at: now)
        )
        self.banReason = policy.ban(of: user, at: now)?.reason
    }

    /// The least standing that each of these needs.
    private func least(for right: RoomRight) -> Standing {
        switch right {
        case .enter, .read, .react, .retract: .member
        case .list: self.settings.access == .unlisted ? .moderator : .member
        case .write: self.settings.isAnnouncement ? .moderator : .member
        case .retractOthers, .topic, .slowMode, .kick, .ban, .mute, .invite, .review: .moderator
        case .configure, .appoint: .owner
        }
    }

    func allows(_ right: RoomRight) -> Bool {
        guard self.standing >= self.least(for: right) else { return false }
        switch right {
        case .write, .react: return !self.isMuted || self.standing == .clusterOperator
        default: return true
        }
    }

    /// Milliseconds that have to be between two messages; `nil`: any number may follow each other.
    var pace: Int64? {
        self.settings.slowMode > 0 && self.standing < .moderator ? self.settings.slowMode : nil
    }

    /// Whether what is done to somebody is theirs to bear: only from those who stand above.
    func mayAct(against other: Standing) -> Bool { self.standing > max(other, .member) }

    /// Why something is refused, in words for the developer of the client; `nil` when it is not.
    func objection(to right: RoomRight) -> FrameError? {
        guard !self.allows(right) else { return nil }
        switch self.standing {
        case .banned:
            return FrameError(.forbidden, "you are banned from this room" + (self.banReason.map { ": \($0)" } ?? ""))
        case .stranger: return FrameError(.forbidden, "this room is private: ask a moderator to invite you")
        default: break
        }
        switch right {
        case .list: return FrameError(.notMember, "the room is not listed: join it first")
        case .write, .react:
            guard !self.isMuted else { return FrameError(.forbidden, "you are muted in this room") }
            return FrameError(.forbidden, "only owners and moderators may say something in this room")
        default:
            let who = self.least(for: right) == .owner ? "an owner" : "a moderator"
            return FrameError(.forbidden, "only \(who) of the room may do that")
        }
    }
}
