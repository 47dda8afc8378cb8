internal import ChatCore
internal import ChatProtocol
internal import NIOCore
internal import RedisClient

/// Reads the replies about a room's log; `nil` for any other shape.
enum LogReplies {
    /// `{ offset, epoch, at }`, from an index on.
    static func position(_ values: [RedisValue], at index: Int = 0) -> Position? {
        guard values.count >= index + 3, let offset = values[index].int, offset >= 0,
            let epoch = values[index + 1].string, !epoch.isEmpty, let at = values[index + 2].int
        else { return nil }
        return Position(epoch: epoch, offset: UInt64(offset), at: Int64(at))
    }

    /// The meta's `epoch`, `offset`, `at` and `policy`; `nil` within for no log. A number that is not there is 0, as it is for
    /// the scripts.
    static func head(_ reply: RedisValue) -> LogHead?? {
        guard let values = reply.array, values.count == 4 else { return nil }
        guard let epoch = values[0].string, !epoch.isEmpty else { return .some(nil) }
        func number<Number: FixedWidthInteger>(_ value: RedisValue) -> Number {
            value.string.flatMap { Number($0) } ?? 0
        }
        let position = Position(epoch: epoch, offset: number(values[1]), at: number(values[2]))
        return LogHead(position: position, policyVersion: number(values[3]))
    }

    /// `<offset> <epoch> <at> <0 or 1>`.
    static func appended(_ text: UnsafeRawBufferPointer) -> Appended? {
        var words = ReplyWords(text)
        guard let offset: UInt64 = words.number(), let epoch = words.text(), let at: Int64 = words.number(),
            let isRepeat: UInt8 = words.number(), isRepeat <= 1, words.isAtEnd
        else { return nil }
        return Appended(position: Position(epoch: epoch, offset: offset, at: at), isRepeat: isRepeat == 1)
    }

    static func page(_ reply: RedisValue) -> LogPage? {
        guard let values = reply.array, values.count == 7, let head = Self.position(values),
            let more = values[3].int, let entries = Self.entries(values[4]), let changes = Self.entries(values[5]),
            let policy = values[6].int
        else { return nil }
        return LogPage(head: head, entries: entries, changes: changes, more: more != 0, policyVersion: policy)
    }

    static func changed(_ reply: RedisValue) -> Changed? {
        guard let values = reply.array, values.count == 4, let position = Self.position(values),
            let isStored = values[3].int
        else { return nil }
        return Changed(position: isStored == 1 ? position : nil)
    }

    static func recovery(_ reply: RedisValue) -> Recovery? {
        guard let values = reply.array, values.count == 5, let recovered = values[0].int,
            let head = Self.position(values, at: 1), let entries = Self.entries(values[4])
        else { return nil }
        return recovered == 1 ? .recovered(head: head, entries: entries) : .lost(head: head)
    }

    /// Names and scores, by turns. A foreign hand's name is passed over.
    static func directRooms(_ reply: RedisValue) -> [DirectRoomActivity]? {
        guard let values = reply.array, values.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: values.count, by: 2).compactMap { index in
            guard let name = values[index].string.flatMap({ RoomName($0) }),
                let at = values[index + 1].string.flatMap(Double.init).flatMap(Int64.init(exactly:))
            else { return nil }
            return DirectRoomActivity(name: name, at: at)
        }
    }

    /// What is not an entry was put there by a foreign hand; it is passed over, or nobody could enter the room.
    private static func entries(_ value: RedisValue) -> [LogEntry]? {
        value.array?.compactMap { element in
            guard let json = element.bytes, let header = EntryHeader(json) else { return nil }
            return LogEntry(header, json: json)
        }
    }
}
