/// How long a private Redis may take, and how it is restarted.
struct PrivateRedisTiming: Sendable {
    /// From the start, or from the last "still loading", to the first answer.
    var answerDeadline = Duration.seconds(15)

    /// For reading the history at most.
    var loadingDeadline = Duration.seconds(1800)

    /// For a server that an earlier node left behind to obey SHUTDOWN.
    var leftoverDeadline = Duration.seconds(15)

    /// Between two looks while something is awaited.
    var pollInterval = Duration.milliseconds(20)

    /// Before the first restart; doubled for each further one that comes soon.
    var firstBackoff = Duration.milliseconds(100)

    /// The longest wait before a restart.
    var longestBackoff = Duration.seconds(10)

    /// A server that lived this long is not held to crash at once again.
    var steadyAfter = Duration.seconds(60)
}
