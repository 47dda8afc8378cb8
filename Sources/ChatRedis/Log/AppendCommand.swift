internal import ChatCore
internal import ChatProtocol
internal import NIOCore
internal import RedisClient

/// Calls of `append.lua`: what is the same in each is formatted once, the names of a room's keys are written piece by
/// piece. To keep them for each room would save some instructions, and cost more: what was kept for one room in a
/// thousand is not in the caches.
final class AppendCommand {
    private let keys: RedisKeys
    /// The call, for two KEYS and for three: without and with the sender's key.
    private let start: FormattedArguments
    private let startWithKey: FormattedArguments
    private let roomStart: [UInt8]
    /// ARGV 6, 8 and 12.
    private let retention: FormattedArguments
    private let keyMemory: Int64
    private let attachmentsPerRoom: Int64

    init(_ keys: RedisKeys, settings: RedisStoreSettings) {
        self.keys = keys
        self.roomStart = Array(keys.roomStart.utf8)
        let call: [RedisArgument] = ["EVALSHA", RedisArgument(RedisScripts.append.sha1)]
        self.start = FormattedArguments(call + [2])
        self.startWithKey = FormattedArguments(call + [3])
        self.retention = FormattedArguments([RedisArgument(max(1, settings.retention))])
        self.keyMemory = settings.keyMemory.milliseconds
        self.attachmentsPerRoom = Int64(settings.attachmentsPerRoom)
    }

    /// The sender's key of a request, as it is named in Redis.
    func key(of request: AppendRequest) -> String? {
        request.key.map { self.keys.key($0, of: request.author, in: request.room) }
    }

    /// How many arguments ``write(_:key:epoch:to:)`` writes. Redis handles each of them for about 1 % of what the message costs
    /// it, so what says nothing is left out.
    func count(_ request: AppendRequest, key: String?) -> Int {
        if request.answersOrCarries { return key == nil ? 17 : 18 }
        return key == nil ? 12 : 14
    }

    /// At most so many bytes does it write.
    func byteLimit(_ request: AppendRequest, key: String?) -> Int {
        let texts = (key?.utf8.count ?? 0) + (request.known?.epoch.utf8.count ?? 0)
        let names = 3 * (self.roomStart.count + request.room.string.utf8.count)
        // What is left are the call, the head, the epoch and numbers: sixteen short arguments.
        return request.body.readableBytes + names + texts + (request.attachment?.id.secret.utf8.count ?? 0) + 16 * 64
    }

    /// - Parameters:
    ///   - key: see ``key(of:)``.
    ///   - epoch: to use when a new one is needed.
    func write(_ request: AppendRequest, key: String?, epoch: String, to command: inout CommandCursor) {
        command.write(key == nil ? self.start : self.startWithKey)
        command.write(self.roomStart, request.room.string, RedisKeys.logEnd)
        command.write(self.roomStart, request.room.string, RedisKeys.metaEnd)
        if let key { command.write(key) }
        command.write(request.body)
        command.write(epoch)
        if let known = request.known {
            command.write(known.epoch)
            command.write(Int64(clamping: known.offset))
            command.write(known.at)
        } else {
            for _ in 0..<3 { command.write("") }
        }
        command.write(self.retention)
        if request.room.isDirect {
            command.write("")
        } else {
            command.write(self.roomStart, request.room.string, RedisKeys.roomEnd)
        }
        guard key != nil || request.answersOrCarries else { return }
        command.write(self.keyMemory)
        guard request.answersOrCarries else { return }
        command.write(Int64(clamping: request.replyTo ?? 0))
        command.write(request.attachment?.id.secret ?? "")
        command.write(Int64(request.attachment?.size ?? 0))
        command.write(self.attachmentsPerRoom)
    }
}

extension AppendRequest {
    fileprivate var answersOrCarries: Bool { self.replyTo != nil || self.attachment != nil }
}
