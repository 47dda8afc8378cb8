public import ChatProtocol

/// Who may what in one room, as it is stored: its settings, roles, bans, mutes and invitations. A value without I/O; each
/// node has it in memory for each room that is open there.
public struct RoomPolicy: Sendable, Equatable {
    /// The lists, by the end of their keys' names.
    public enum List: String, Sendable, CaseIterable {
        case roles
        case bans
        case mutes
        case invitations
        /// Who was removed lately: for nodes that did not hear of it.
        case kicks
    }

    /// What a list has of a user.
    public struct Record: Sendable, Equatable {
        /// What the user was called at the time.
        public var name: String
        /// Of ``List/roles``.
        public var role: RoomRole?
        /// Who did it; `nil` for the one who created the room.
        public var by: NamedUser?
        /// When, in milliseconds by Redis's clock.
        public var at: Int64
        /// Until when it holds, by the same clock; `nil`: for good.
        public var until: Int64?
        public var reason: String?

        public init(
            name: String, role: RoomRole? = nil, by: NamedUser? = nil, at: Int64, until: Int64? = nil,
            reason: String? = nil
        ) {
            self.name = name
            self.role = role
            self.by = by
            self.at = at
            self.until = until
            self.reason = reason
        }

        func holds(at now: Int64) -> Bool { self.until.map { $0 > now } ?? true }
    }

    /// Counts the changes; 0: nobody has set anything up, or the room is none yet.
    public var version: Int
    public var settings: RoomSettings
    private var lists: [List: [UserID: Record]] = [:]

    public init(version: Int = 0, settings: RoomSettings = RoomSettings()) {
        self.version = version
        self.settings = settings
    }

    public subscript(list: List) -> [UserID: Record] {
        get { self.lists[list] ?? [:] }
        set { self.lists[list] = newValue.isEmpty ? nil : newValue }
    }

    /// What a user is in the room, whether here or not.
    public func role(of user: UserID) -> RoomRole {
        self.lists[.roles]?[user]?.role ?? .member
    }

    /// The ban that keeps a user out now.
    func ban(of user: UserID, at now: Int64) -> Record? {
        guard let ban = self.lists[.bans]?[user], ban.holds(at: now) else { return nil }
        return ban
    }

    func isMuted(_ user: UserID, at now: Int64) -> Bool {
        self.lists[.mutes]?[user]?.holds(at: now) ?? false
    }

    /// Whether a member may be kept from saying something: for all other rooms nothing is looked at when somebody does.
    var restrictsSpeech: Bool {
        self.settings.isAnnouncement || self.settings.slowMode > 0 || self.lists[.mutes] != nil
    }

    func isInvited(_ user: UserID) -> Bool {
        self.lists[.invitations]?[user] != nil
    }

    /// Why somebody's membership ends with this policy; `nil`: it does not.
    ///
    /// - Parameter former: the policy so far: who was kicked under it has left already, and may be here again.
    func removal(of user: UserID, since former: RoomPolicy, at now: Int64) -> Removal? {
        if let ban = self.ban(of: user, at: now) { return Removal(reason: ban.reason) }
        if let kick = self.lists[.kicks]?[user], kick != former.lists[.kicks]?[user] {
            return Removal(reason: kick.reason)
        }
        let standing = Standing(of: user, isOperator: false, under: self, at: now)
        return standing < .member ? Removal(reason: "the room is private") : nil
    }

    struct Removal: Sendable, Equatable {
        var reason: String?
    }

    // MARK: As a list

    /// All that `moderation` shows, in its order.
    public var items: [ModerationItem] {
        var items: [ModerationItem] = []
        for list in ModerationItem.List.allCases {
            guard let name = List(rawValue: list.rawValue) else { continue }
            items += self[name].map { user, record in
                ModerationItem(
                    list: list, user: NamedUser(id: user, name: record.name), role: record.role, by: record.by,
                    at: record.at, until: record.until, reason: record.reason
                )
            }
        }
        return items.sorted { $0.cursor < $1.cursor }
    }
}
