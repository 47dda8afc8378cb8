/// The families of subscriptions, each with a namespace and commands of its own. The raw value is the index of its
/// table.
enum SubscriptionKind: Int, CaseIterable {
    case channel
    case pattern

    var subscribeCommand: RedisArgument {
        switch self {
        case .channel: "SUBSCRIBE"
        case .pattern: "PSUBSCRIBE"
        }
    }

    var unsubscribeCommand: RedisArgument {
        switch self {
        case .channel: "UNSUBSCRIBE"
        case .pattern: "PUNSUBSCRIBE"
        }
    }
}

/// What the first element of a push says it is.
enum PushKind {
    case message
    case patternMessage
    case confirmation(SubscriptionVerb, SubscriptionKind)
    case pong

    init?(_ word: UnsafeRawBufferPointer) {
        if word.equals("message") {
            self = .message
        } else if word.equals("pmessage") {
            self = .patternMessage
        } else if word.equals("subscribe") {
            self = .confirmation(.subscribe, .channel)
        } else if word.equals("unsubscribe") {
            self = .confirmation(.unsubscribe, .channel)
        } else if word.equals("psubscribe") {
            self = .confirmation(.subscribe, .pattern)
        } else if word.equals("punsubscribe") {
            self = .confirmation(.unsubscribe, .pattern)
        } else if word.equals("pong") {
            self = .pong
        } else {
            return nil
        }
    }
}

enum SubscriptionVerb {
    case subscribe
    case unsubscribe
}
