import ChatProtocol

/// A session's tie to a room of its loop.
struct Membership {
    enum Stage {
        /// The hub has been asked.
        case entering
        /// Older entries are being read; `joined` follows.
        ///
        /// `wasLive`: the session is in the room already and only asked again.
        case catchingUp(wasLive: Bool)
        /// In the room's list, at this place.
        case live(place: Int)
    }

    let room: LocalRoom
    var stage: Stage
    /// False for a direct room that the session did not join: it receives its entries all the same.
    var isJoined: Bool
    /// Counted in the room's presence.
    var isPresent = false
    /// A `join` has not been answered yet, be it the first or one of a session that is in the room.
    var isUnderWay = false
    /// Frames about this room that came in while its join was under way: they are taken up once that is answered, so
    /// that what a client says in one breath happens in the order said.
    var waiting: [ClientFrame] = []
}
