public import ChatProtocol

/// Who is in one room, on all nodes: the shares of the nodes, merged.
///
/// A user who is on several nodes, or has several sessions on one, is one member: joins at the first, leaves at the
/// last. A value without I/O.
public struct RoomPresence: Sendable {
    private var node: NodeID
    private let largeAbove: Int
    /// A large room: of the other nodes only the sizes of their shares are known, and nobody is told who comes and goes.
    public private(set) var isLarge = false
    private var sizes: [NodeID: Int] = [:]
    /// In a large room, the number has changed since it was told.
    public private(set) var isCountNew = false
    /// This node's share; what other nodes and operators are told.
    private var own: [UserID: PresentUser] = [:]
    private var others: [NodeID: [UserID: PresentUser]] = [:]
    /// On how many nodes a user is.
    private var nodeCounts: [UserID: Int] = [:]

    /// Who has come or gone, as far as this node's sessions have not been told yet.
    private var untold: [UserID: Untold] = [:]
    private var departures = 0
    private var changed: Set<UserID> = []
    /// How many lists of the members have been given.
    private var lists = 0
    /// What the other nodes have not been told yet.
    private var unwritten: Set<UserID> = []

    /// - Parameter largeAbove: a room with more members than this is a large one, until it has a quarter less.
    public init(node: NodeID, largeAbove: Int = .max) {
        self.node = node
        self.largeAbove = largeAbove
    }

    /// The members, as the lists show them. In a large room, who is on several nodes counts more than once.
    public var count: Int {
        guard !self.isLarge else { return self.own.count + self.sizes.values.reduce(0, +) }
        return self.nodeCounts.count + self.departures
    }
    public var ownCount: Int { self.own.count }
    public var ownUsers: Dictionary<UserID, PresentUser>.Values { self.own.values }

    /// Whether there is something to tell the sessions or the other nodes.
    public var isDirty: Bool {
        !self.untold.isEmpty || !self.changed.isEmpty || !self.unwritten.isEmpty || self.isCountNew
    }

    // MARK: This node's sessions

    /// One more session of a user is in the room on this node.
    public mutating func enter(
        _ user: UserID, name: String, status: String, statusText: String? = nil, at: Int64
    ) {
        self.unwritten.insert(user)
        if self.own[user] != nil {
            self.own[user]?.sessions += 1
            return
        }
        self.own[user] = PresentUser(
            id: user, name: name, status: status, statusText: statusText, since: at, sessions: 1
        )
        self.appeared(user)
    }

    /// One session less. The user stays with 0 sessions until ``remove(_:)``, so that a reload shows nothing.
    ///
    /// - Returns: whether it was the last session on this node.
    public mutating func exit(_ user: UserID) -> Bool {
        guard let sessions = self.own[user]?.sessions, sessions > 0 else { return false }
        self.own[user]?.sessions = sessions - 1
        self.unwritten.insert(user)
        return sessions == 1
    }

    /// Takes a user without sessions out of this node's share.
    public mutating func remove(_ user: UserID) {
        guard let former = self.own[user], former.sessions == 0 else { return }
        self.own[user] = nil
        self.unwritten.insert(user)
        self.disappeared(former)
    }

    /// A user of this node's share has another name or status.
    ///
    /// - Returns: whether the user is in the share.
    @discardableResult
    public mutating func update(_ user: UserID, name: String?, status: UserStatus?) -> Bool {
        guard self.own[user] != nil else { return false }
        if let name { self.own[user]?.name = name }
        if let status {
            self.own[user]?.status = status.kind.rawValue
            self.own[user]?.statusText = status.text
        }
        self.unwritten.insert(user)
        if !self.isLarge { self.changed.insert(user) }
        return true
    }

    // MARK: Other nodes

    /// Another node told of changes of its share.
    ///
    /// - Returns: false when the share's size is not what it should be: a notice was missed, read the share again.
    public mutating func apply(_ notice: ShareNotice) -> Bool {
        guard notice.node != self.node else { return true }
        guard !self.isLarge else {
            self.resize(notice.node, to: notice.size)
            return true
        }
        for user in notice.changes.gone { self.take(user.id, node: notice.node) }
        for user in notice.changes.here where !self.isLarge { self.put(user, node: notice.node) }
        guard !self.isLarge else {
            self.resize(notice.node, to: notice.size)
            return true
        }
        if notice.size == 0 { self.replace(notice.node, with: []) }
        return self.others[notice.node]?.count ?? 0 == notice.size
    }

    /// A node's whole share, as read from the store.
    public mutating func replace(_ node: NodeID, with users: [PresentUser]) {
        guard node != self.node else { return }
        guard !self.isLarge else { return self.resize(node, to: users.count) }
        let present = Set(users.map(\.id))
        for user in (self.others[node] ?? [:]).keys where !present.contains(user) { self.take(user, node: node) }
        for user in users where !self.isLarge { self.put(user, node: node) }
        guard !self.isLarge else { return self.resize(node, to: users.count) }
        if users.isEmpty { self.others[node] = nil }
    }

    /// The nodes, other than this one, that have a share.
    public var otherNodes: Set<NodeID> { self.isLarge ? Set(self.sizes.keys) : Set(self.others.keys) }

    private mutating func put(_ user: PresentUser, node: NodeID) {
        let former = self.others[node, default: [:]].updateValue(user, forKey: user.id)
        guard let former else { return self.appeared(user.id) }
        // Of somebody who is here, too, this node's own word counts.
        if self.own[user.id] == nil, Member(former) != Member(user) { self.changed.insert(user.id) }
    }

    private mutating func take(_ user: UserID, node: NodeID) {
        guard let former = self.others[node]?.removeValue(forKey: user) else { return }
        if self.others[node]?.isEmpty == true { self.others[node] = nil }
        self.disappeared(former)
    }

    // MARK: Merging

    private mutating func appeared(_ user: UserID) {
        guard !self.isLarge else {
            self.isCountNew = true
            return
        }
        self.nodeCounts[user, default: 0] += 1
        guard self.nodeCounts[user] == 1 else { return }
        switch self.untold[user] {
        case .left(let former, wasTold: true):
            // Nobody has missed the user, who was in every list meanwhile.
            self.note(user, nil)
            if self.member(user) != former { self.changed.insert(user) }
        case .left(_, wasTold: false): self.note(user, .joined(lists: self.lists - 1))
        case .joined, nil: self.note(user, .joined(lists: self.lists))
        }
        if self.nodeCounts.count > self.largeAbove { self.becomeLarge(self.others.mapValues(\.count)) }
    }

    private mutating func disappeared(_ former: PresentUser) {
        guard !self.isLarge else {
            self.isCountNew = true
            return
        }
        let user = former.id
        guard let nodes = self.nodeCounts[user] else { return }
        guard nodes == 1 else {
            self.nodeCounts[user] = nodes - 1
            return
        }
        self.nodeCounts[user] = nil
        self.changed.remove(user)
        switch self.untold[user] {
        case .joined(lists: self.lists): self.note(user, nil)
        case .joined: self.note(user, .left(Member(former), wasTold: false))
        case .left, nil: self.note(user, .left(Member(former), wasTold: true))
        }
    }

    private mutating func note(_ user: UserID, _ untold: Untold?) {
        if self.untold[user]?.isDeparture == true { self.departures -= 1 }
        if untold?.isDeparture == true { self.departures += 1 }
        self.untold[user] = untold
    }

    /// A member as others see them; this node's own word first.
    public func member(_ user: UserID) -> Member? {
        guard self.isLarge || self.nodeCounts[user] != nil else { return nil }
        let present = self.own[user] ?? self.others.values.lazy.compactMap { $0[user] }.first
        return present.map { Member($0) }
    }

    /// Members in the order of their ids, after one of them.
    ///
    /// Who has just left is among them until that is told: whoever is given a list and then the news knows who is here.
    public mutating func members(after: UserID?, limit: Int) -> [Member] {
        self.lists += 1
        let departed = self.departed
        let users = Array(self.nodeCounts.keys) + departed.keys
        let wanted = users.filter { after == nil || $0.string > after?.string ?? "" }
        return wanted.sorted { $0.string < $1.string }.prefix(limit).compactMap { self.member($0) ?? departed[$0] }
    }

    /// Some members, in no order: enough for what `joined` lists. As in ``members(after:limit:)``.
    public mutating func someMembers(_ limit: Int) -> [Member] {
        // Of a large room those who are here: of the others only the number is known.
        if self.isLarge { return self.own.values.prefix(limit).map { Member($0) } }
        self.lists += 1
        let here = self.nodeCounts.keys.prefix(limit).compactMap { self.member($0) }
        return here + self.departed.values.prefix(limit - here.count)
    }

    /// A member to be added to a list that was given before, which counts as another list.
    public mutating func list(_ user: UserID) -> Member? {
        guard let member = self.member(user) else { return nil }
        self.lists += 1
        return member
    }

    private var departed: [UserID: Member] {
        self.untold.compactMapValues { if case .left(let member, _) = $0 { member } else { nil } }
    }

    // MARK: Large rooms

    /// Whether a room that was large has so few members that each can be known again.
    public var mayShrink: Bool { self.isLarge && self.count <= self.largeAbove / 4 * 3 }

    /// From now on only the number of members counts.
    ///
    /// - Parameter sizes: of all shares; this node's own does not matter.
    public mutating func becomeLarge(_ sizes: [NodeID: Int]) {
        self.isLarge = true
        self.isCountNew = true
        self.sizes = sizes.filter { $0.key != self.node && $0.value > 0 }
        self.others = [:]
        self.nodeCounts = [:]
        self.untold = [:]
        self.departures = 0
        self.changed = []
    }

    /// From now on each member is known; those of other nodes follow with ``replace(_:with:)``. Everybody counts as one who
    /// has just come: nobody here has been told who is.
    public mutating func becomeSmall() {
        guard self.isLarge else { return }
        self.isLarge = false
        self.isCountNew = false
        self.sizes = [:]
        for user in self.own.keys { self.appeared(user) }
    }

    /// The number to be told; it is not new any more.
    public mutating func takeCount() -> Int {
        self.isCountNew = false
        return self.count
    }

    private mutating func resize(_ node: NodeID, to size: Int) {
        guard self.sizes[node] ?? 0 != size else { return }
        self.sizes[node] = size > 0 ? size : nil
        self.isCountNew = true
    }

    // MARK: Telling

    /// What this node's sessions have to be told; clears it.
    ///
    /// Who came with a status has changed, too: it may have been set since, and whoever waits for that is to see it.
    public mutating func takeNews() -> (joined: [Member], left: [UserID], changed: [Member]) {
        defer {
            self.untold.removeAll()
            self.departures = 0
            self.changed.removeAll()
        }
        let joined = self.untold.filter { !$0.value.isDeparture }.keys
        let left = self.untold.filter(\.value.isDeparture).keys
        let members = joined.compactMap { self.member($0) }
        let changed = self.changed.subtracting(joined).compactMap { self.member($0) }
        return (members, Array(left), changed + members.filter { $0.status != "online" || $0.statusText != nil })
    }

    /// What the other nodes have to be told; clears it.
    public mutating func takeUnwritten() -> ShareChanges {
        defer { self.unwritten.removeAll() }
        var changes = ShareChanges(size: self.own.count)
        for user in self.unwritten {
            if let present = self.own[user] {
                changes.here.append(present)
            } else {
                changes.gone.append(PresentUser(id: user, name: "", status: "offline", since: 0, sessions: 0))
            }
        }
        return changes
    }

    /// This node has another id from now on; its share is written anew under it.
    public mutating func move(to node: NodeID) {
        self.node = node
        self.rewriteAll()
    }

    /// Everything has to be written again: Redis lost it, or the node has a new id.
    public mutating func rewriteAll() {
        self.unwritten.formUnion(self.own.keys)
    }
}

/// Whoever comes and goes between two tellings has done neither, unless a list has shown it.
private enum Untold {
    /// Here now. `lists` is how many had been given when the user came: those given later show the user.
    case joined(lists: Int)
    /// Not here any more. The sessions know the user: all of them, or only those given a list meanwhile.
    case left(Member, wasTold: Bool)

    var isDeparture: Bool { if case .left = self { true } else { false } }
}

extension Member {
    /// A user of a share, as others see them.
    init(_ user: PresentUser) {
        self.init(id: user.id, name: user.name, status: user.status, statusText: user.statusText)
    }
}
