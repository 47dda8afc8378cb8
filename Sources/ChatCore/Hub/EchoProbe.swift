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

    private enum State: Sendable {
        /// The next echo is due at this time.
        case resting(until: NIODeadline)
        /// We are waiting for Redis's answer to the publishing.
        case publishing
        /// Redis took it: it has to be heard by this time.
        case listening(until: NIODeadline)
    }

    private var state = State.resting(until: .distantPast)

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
        // Redis knows no subscription of ours: no need to wait.
        case 0: self.state = .listening(until: now)
        default: self.state = .listening(until: now + Self.patience)
        }
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
