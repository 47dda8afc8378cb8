import ChatProtocol
import NIOCore

@testable import ChatCore

/// Remembers what was spent, and answers with what a test sets.
final class FakeAllowances: Allowances {
    let eventLoop: any EventLoop
    /// `USER SPENDING AMOUNT`, and `!` behind what was asked for before it was done.
    var spent: [String] = []
    var waits: [Spending: Int64] = [:]

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func spend(_ amount: Int, of spending: Spending, by user: UserID, isDone: Bool) -> EventLoopFuture<Int64> {
        spent.append("\(user) \(spending) \(amount)\(isDone ? "" : "!")")
        return eventLoop.makeSucceededFuture(waits[spending] ?? 0)
    }
}
