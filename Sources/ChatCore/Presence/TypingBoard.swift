import ChatProtocol
import NIOCore

/// Who writes in which room on this node, and what the others have to be told of it. A value; time is passed in.
///
/// Bounded in size, and in what it tells: of each user and room at most twice a second.
struct TypingBoard {
    /// How long somebody counts as writing who does not say so again.
    static let lifetime = TimeAmount.seconds(6)
    /// Who goes on writing is told of again, so that receivers may forget what is not repeated.
    static let repetition = TimeAmount.seconds(3)
    private static let pause = TimeAmount.milliseconds(500)
    private static let limit = 2_000

    struct Place: Hashable {
        var room: RoomName
        var user: UserID
    }

    struct News: Equatable {
        var place: Place
        var isOn: Bool
    }

    private struct Entry {
        var until: NIODeadline
        var isTold = false
        var toldAt = NIODeadline.distantPast
        /// Was said again since it was told.
        var isRepeated = false
    }

    private var entries: [Place: Entry] = [:]

    var isEmpty: Bool { self.entries.isEmpty }

    /// A session says so; ``takeNews(now:)`` has what follows.
    mutating func set(_ place: Place, isOn: Bool, now: NIODeadline) {
        guard isOn else {
            self.entries[place]?.until = now
            return
        }
        guard self.entries[place] != nil || self.entries.count < Self.limit else { return }
        self.entries[place, default: Entry(until: now)].until = now + Self.lifetime
        self.entries[place]?.isRepeated = true
    }

    /// What the others have to be told now; each is told once.
    mutating func takeNews(now: NIODeadline) -> [News] {
        var news: [News] = []
        for (place, entry) in self.entries where entry.toldAt + Self.pause <= now {
            let isOn = entry.until > now
            if isOn == entry.isTold, !isOn {
                // Not before: the pause has to hold for who is off and on again.
                self.entries[place] = nil
            } else if isOn != entry.isTold || (entry.isRepeated && entry.toldAt + Self.repetition <= now) {
                news.append(News(place: place, isOn: isOn))
                self.entries[place]?.isTold = isOn
                self.entries[place]?.toldAt = now
                self.entries[place]?.isRepeated = false
            }
        }
        return news
    }
}
