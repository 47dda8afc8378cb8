public import ChatProtocol
public import NIOCore

/// How much of something may be done: so much at once, and as much again in each period, spread over it (the generic cell
/// rate algorithm).
public struct Allowance: Sendable, Equatable {
    /// 0: any amount.
    public var amount: Int
    /// Milliseconds.
    public var period: Int64

    public init(_ amount: Int, per period: Int64) {
        self.amount = amount
        self.period = period
    }

    public var isLimited: Bool { self.amount > 0 }

    /// Milliseconds until one more may be done.
    public var interval: Double { self.isLimited ? Double(self.period) / Double(self.amount) : 0 }
}

/// What is limited for a user, however many sessions on however many nodes.
public enum Spending: String, Sendable, CaseIterable {
    /// Frames of all kinds.
    case frames
    case joins
    /// Private messages to users who have never written to the sender.
    case strangers
    /// KiB of attachments.
    case uploads
    /// Attempts to take another name.
    case renames
}

/// Counts what users do, on all nodes together. One instance serves one event loop.
public protocol Allowances: AnyObject {
    /// - Parameter isDone: it has been done already, and counts in any case; else it counts only when it is allowed.
    /// - Returns: milliseconds to wait when it was, or would be, too much; else 0.
    func spend(_ amount: Int, of spending: Spending, by user: UserID, isDone: Bool) -> EventLoopFuture<Int64>
}
