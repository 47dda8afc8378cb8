internal import DequeModule
internal import NIOCore

/// The requests of a subscriber link that Redis has not confirmed yet, oldest first, as a value. Redis confirms in
/// order and one name at a time; an error stands for a whole request.
struct SentRequests {
    enum Request: Equatable {
        /// `again`: the link subscribes these again by itself, after a new connection.
        case names(SubscriptionVerb, SubscriptionKind, [String], again: Bool)
        case ping
    }

    private struct Entry {
        var request: Request
        var sentAt: NIODeadline
        /// How many of the names are confirmed.
        var confirmed = 0
    }

    private var entries: Deque<Entry> = []

    var isEmpty: Bool { entries.isEmpty }

    /// When the request that is owed a confirmation for longest was sent.
    var oldestSentAt: NIODeadline? { entries.first?.sentAt }

    mutating func append(_ request: Request, now: NIODeadline) {
        entries.append(Entry(request: request, sentAt: now))
    }

    struct Confirmation: Equatable {
        var name: String
        /// It was the last name of a request that the link made by itself: the next batch may go.
        var endsResubscription: Bool
    }

    /// - Returns: `nil` when this is not the confirmation that has to come next.
    mutating func confirm(
        _ verb: SubscriptionVerb,
        _ kind: SubscriptionKind,
        name: UnsafeRawBufferPointer
    ) -> Confirmation? {
        guard let entry = entries.first,
            case .names(verb, kind, let names, let again) = entry.request,
            entry.confirmed < names.count, names[entry.confirmed].utf8.elementsEqual(name)
        else { return nil }
        let isLast = entry.confirmed == names.count - 1
        if isLast {
            entries.removeFirst()
        } else {
            entries[entries.startIndex].confirmed += 1
        }
        return Confirmation(name: names[entry.confirmed], endsResubscription: isLast && again)
    }

    /// - Returns: `false` when no PONG has to come next.
    mutating func confirmPing() -> Bool {
        guard case .ping = entries.first?.request else { return false }
        entries.removeFirst()
        return true
    }

    /// An error came: it is about the oldest request, with all its names.
    mutating func refuse() -> Request? {
        entries.popFirst()?.request
    }

    mutating func removeAll() {
        entries.removeAll()
    }
}
