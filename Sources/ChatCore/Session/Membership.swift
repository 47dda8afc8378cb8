/// A session's tie to a room of its loop.
struct Membership {
    enum Stage {
        /// The hub has been asked.
        case entering
        /// Older entries are being read; `joined` follows.
        case catchingUp
        /// In the room's list, at this place.
        case live(place: Int)
    }

    let room: LocalRoom
    var stage: Stage
    /// False for a direct room that the session did not join: it receives its entries all the same.
    var isJoined: Bool
    /// Counted in the room's presence.
    var isPresent = false
    /// The session left before the join was answered; it is taken out once that is done.
    var leaves = false
}
