import ChatCore
import ChatProtocol
import NIOCore

/// Everybody has an account, in its first generation.
struct FakeAccounts: Accounts {
    let eventLoop: any EventLoop

    func create(_ account: Account) -> EventLoopFuture<Bool> { eventLoop.makeSucceededFuture(false) }

    func find(_ name: DisplayName) -> EventLoopFuture<Account?> { eventLoop.makeSucceededFuture(nil) }

    func find(_ user: UserID) -> EventLoopFuture<Account?> {
        let account = DisplayName(user.string).map { Account(user: user, name: $0, password: "", generation: 1) }
        return eventLoop.makeSucceededFuture(account)
    }

    func endSessions(of user: UserID, password: String?) -> EventLoopFuture<Int?> {
        eventLoop.makeSucceededFuture(nil)
    }

    func attempt(_ attempt: Attempt) -> EventLoopFuture<Int64> { eventLoop.makeSucceededFuture(0) }

    func forgive(_ attempt: Attempt) {}
}
