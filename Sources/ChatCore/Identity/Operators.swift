public import ChatProtocol

/// Who runs the cluster, as its configuration says: accounts by the names they log in with, and users by their ids.
///
/// What a user is called at the moment counts for nothing: anybody may be called anything that is free.
public struct Operators: Sendable, Equatable {
    /// The accounts' names, as they were written.
    public private(set) var names: [DisplayName] = []
    private var folded: Set<String> = []
    private var users: Set<UserID> = []

    /// Nobody.
    public init() {}

    /// - Parameter entries: the name of an account, or the id of a user: `id:` and the id, or a guest's or an account's
    ///   id as it is, which therefore never stands for a name.
    /// - Returns: `nil` when one of them is neither.
    public init?(_ entries: [String]) {
        for entry in entries {
            if let user = Self.user(entry) {
                self.users.insert(user)
            } else if let name = DisplayName(entry) {
                self.names.append(name)
                self.folded.insert(name.folded)
            } else {
                return nil
            }
        }
    }

    /// - Parameter login: the name that an account logs in with; `nil` for others.
    public func include(_ user: UserID, login: DisplayName? = nil) -> Bool {
        self.users.contains(user) || login.map { self.folded.contains($0.folded) } == true
    }

    private static func user(_ entry: String) -> UserID? {
        if entry.hasPrefix("id:") { return UserID(String(entry.dropFirst(3))) }
        return UserID(entry).flatMap { $0.isRandom ? $0 : nil }
    }
}
