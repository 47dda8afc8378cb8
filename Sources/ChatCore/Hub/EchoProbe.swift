public import NIOCore

/// Finds a subscriber link that looks healthy but brings nothing: the node publishes to itself and listens.
///
/// A value; time is passed in. Only an echo that Redis took counts as missing: when the command link is sick, nothing is
/// said of the subscriber link.
public struct EchoProbe: Sendable {
    /// Between two echoes.
    public static let interval = TimeAmount.seconds(2)
    /// How long an echo that Redis took may be on its way.
    public static let patience = TimeAmount.seconds(3)
    /// How long after an echo that nobody was subscribed to the next one follows: the subscription may be under way, as it is
    /// when a node starts.
    public static let recheck = TimeAmount.milliseconds(500)

    private enum State: Sendable {
        /// The next echo is due at this time.
        case resting(until: NIODeadline)
        /// We are waiting for Redis's answer to the publishing.
        case publishing
        /// Redis took it: it has to be heard by this time.
        case listening(until: NIODeadline)
    }

    private var state = State.resting(until: .distantPast)
    /// The last echo had no receivers.
    private var wasForNobody = false

    public init() {}

    /// Whether an echo is to be published now; say how that went with ``published(receivers:now:)``.
    public mutating func isDue(now: NIODeadline) -> Bool {
        guard case .resting(let until) = self.state, until <= now else { return false }
        self.state = .publishing
        return true
    }

    /// - Parameter receivers: how many subscribers Redis gave it to; `nil`: the publishing failed.
    public mutating func published(receivers: Int?, now: NIODeadline) {
        guard case .publishing = self.state else { return }
        switch receivers {
        case nil: self.state = .resting(until: now + Self.interval)
        // Redis knows no subscription of ours, and did not a moment ago: no need to wait.
        case 0: self.state = self.wasForNobody ? .listening(until: now) : .resting(until: now + Self.recheck)
        default: self.state = .listening(until: now + Self.patience)
        }
        self.wasForNobody = receivers == 0 && !self.wasForNobody
    }

    public mutating func heard(now: NIODeadline) {
        self.state = .resting(until: now + Self.interval)
    }

    /// Whether an echo is overdue: the link is deaf. Says so once.
    public mutating func isOverdue(now: NIODeadline) -> Bool {
        guard case .listening(let until) = self.state, until <= now else { return false }
        self.state = .resting(until: now + Self.interval)
        return true
    }
}
