public import ChatProtocol
public import NIOCore

/// A user with a password.
public struct Account: Sendable, Equatable {
    public var user: UserID
    /// What the account logs in with; nobody else is called so, whether the user is here or not.
    public var name: DisplayName
    /// The password's hash as text, with its parameters and salt.
    public var password: String
    /// Grows when all tokens given so far become void: after logging out and after a change of the password.
    public var generation: Int

    public init(user: UserID, name: DisplayName, password: String, generation: Int) {
        self.user = user
        self.name = name
        self.password = password
        self.generation = generation
    }
}

/// Where accounts are kept. May be called from any thread; futures complete on whichever event loop.
public protocol Accounts: Sendable {
    /// - Returns: false when somebody has the name.
    func create(_ account: Account) -> EventLoopFuture<Bool>

    func find(_ name: DisplayName) -> EventLoopFuture<Account?>

    func find(_ user: UserID) -> EventLoopFuture<Account?>

    /// Makes void what was given to the user so far, and ends the user's sessions on every node.
    ///
    /// - Parameter password: the hash of a new password; `nil` leaves the old one.
    /// - Returns: the new generation; `nil` when there is no such account.
    func endSessions(of user: UserID, password: String?) -> EventLoopFuture<Int?>

    /// Counts an attempt against a bound that all nodes share.
    ///
    /// - Returns: milliseconds to wait when there were too many, and then it does not count; else 0.
    func attempt(_ attempt: Attempt) -> EventLoopFuture<Int64>

    /// Takes an attempt back that is not to count.
    func forgive(_ attempt: Attempt)
}

/// What may happen only so often.
public struct Attempt: Sendable, Equatable {
    /// What is counted, and of whom: `login 192.0.2.1`.
    public var name: String
    /// How many may happen at once.
    public var burst: Int
    /// How long until one more may, in milliseconds.
    public var interval: Int64

    public init(name: String, burst: Int, interval: Int64) {
        self.name = name
        self.burst = burst
        self.interval = interval
    }

    public init(name: String, _ allowance: Allowance) {
        self.init(name: name, burst: allowance.amount, interval: max(1, Int64(allowance.interval)))
    }
}
