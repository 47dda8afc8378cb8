internal import ChatCore
internal import ChatProtocol
internal import NIOCore
internal import RedisClient

/// Calls of `append.lua` for one room: what is the same in each is formatted once.
final class AppendCommand {
    /// The call and its KEYS, without and with the sender's key.
    private let start: FormattedArguments
    private let startWithKey: FormattedArguments
    /// ARGV 6 to 8.
    private let middle: FormattedArguments
    /// ARGV 9 to 12 of a message that answers none and carries nothing.
    private let end: FormattedArguments
    private let attachmentsPerRoom: Int64

    init(_ keys: LogKeys, settings: RedisStoreSettings) {
        let call: [RedisArgument] = ["EVALSHA", RedisArgument(RedisScripts.append.sha1)]
        self.start = FormattedArguments(call + [3] + keys.log)
        self.startWithKey = FormattedArguments(call + [4] + keys.log)
        self.middle = FormattedArguments([
            RedisArgument(max(1, settings.retention)), keys.channel, RedisArgument(settings.keyMemory.milliseconds),
        ])
        self.attachmentsPerRoom = Int64(settings.attachmentsPerRoom)
        self.end = FormattedArguments([0, "", 0, RedisArgument(settings.attachmentsPerRoom)])
    }

    /// How many arguments ``write(_:key:epoch:to:)`` writes.
    func count(key: String?) -> Int { key == nil ? 18 : 19 }

    /// At most so many bytes does it write.
    func byteLimit(_ request: AppendRequest, key: String?) -> Int {
        let texts = (key?.utf8.count ?? 0) + (request.known?.epoch.utf8.count ?? 0)
        // What is left are the head, the epoch and numbers: ten short arguments.
        return self.startWithKey.byteCount + self.middle.byteCount + self.end.byteCount + request.body.readableBytes
            + texts + (request.attachment?.id.secret.utf8.count ?? 0) + 10 * 64
    }

    /// - Parameters:
    ///   - key: the sender's key, as it is named in Redis.
    ///   - epoch: to use when a new one is needed.
    func write(_ request: AppendRequest, key: String?, epoch: String, to command: inout CommandCursor) {
        if let key {
            command.write(self.startWithKey)
            command.write(key)
        } else {
            command.write(self.start)
        }
        command.write(request.body)
        command.write(epoch)
        if let known = request.known {
            command.write(known.epoch)
            command.write(Int64(clamping: known.offset))
            command.write(known.at)
        } else {
            for _ in 0..<3 { command.write("") }
        }
        command.write(self.middle)
        guard request.replyTo != nil || request.attachment != nil else { return command.write(self.end) }
        command.write(Int64(clamping: request.replyTo ?? 0))
        command.write(request.attachment?.id.secret ?? "")
        command.write(Int64(request.attachment?.size ?? 0))
        command.write(self.attachmentsPerRoom)
    }
}
