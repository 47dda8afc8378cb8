public import ChatCore
public import ChatProtocol
public import NIOCore
public import RedisClient

/// Attachments' bytes in Redis, over a link of their own: a megabyte on the way keeps no message waiting.
///
/// May be called from any thread; futures complete on the link's event loop.
public struct RedisAttachments: Attachments {
    private let eventLoop: any EventLoop
    private let link: NIOLoopBound<RedisCommandLink>
    private let keys: RedisKeys
    private let settings: RedisStoreSettings

    /// Must be called on the link's event loop.
    public init(link: RedisCommandLink, keys: RedisKeys, settings: RedisStoreSettings) {
        self.eventLoop = link.eventLoop
        self.link = NIOLoopBound(link, eventLoop: link.eventLoop)
        self.keys = keys
        self.settings = settings
    }

    public func store(_ bytes: ByteBuffer, of attachment: Attachment) -> EventLoopFuture<Void> {
        let memory = RedisArgument(max(1, self.settings.looseAttachmentMemory.milliseconds))
        let (data, about) = (self.keys.attachment(attachment.id), self.keys.about(attachment.id))
        return self.eventLoop.flatSubmit {
            let link = self.link.value
            let fields: [RedisArgument] = [
                "HSET", RedisArgument(about), "type", RedisArgument(attachment.type.string),
                "name", RedisArgument(attachment.name), "size", RedisArgument(attachment.size),
            ]
            let commands = [
                link.send(fields),
                link.send(["PEXPIRE", RedisArgument(about), memory]),
                link.send(["SET", RedisArgument(data), RedisArgument(bytes), "PX", memory]),
            ]
            return EventLoopFuture.andAllSucceed(commands, on: link.eventLoop).storeErrors()
        }
    }

    public func discard(_ id: AttachmentID) {
        let (data, about) = (self.keys.attachment(id), self.keys.about(id))
        self.eventLoop.execute {
            // Best effort: what is not removed now ends by itself.
            _ = self.link.value.send(["UNLINK", RedisArgument(data), RedisArgument(about)])
        }
    }

    public func find(_ id: AttachmentID) -> EventLoopFuture<Attachment?> {
        let about = self.keys.about(id)
        return self.eventLoop.flatSubmit {
            self.link.value.send(["HMGET", RedisArgument(about), "type", "name", "size"])
                .reading("HMGET of an attachment") { reply in
                    guard let fields = reply.array, fields.count == 3 else { return nil }
                    return Optional(Self.attachment(id, fields))
                }
        }
    }

    public func access(to room: RoomName) -> EventLoopFuture<RoomAccess> {
        let key = RedisArgument(self.keys.settings(of: room))
        return self.eventLoop.flatSubmit {
            self.link.value.send(["HGET", key, "access"]).reading("HGET of a room's access") { reply in
                guard let text = reply.string else { return .public }
                return RoomAccess(rawValue: text) ?? .private
            }
        }
    }

    private static func attachment(_ id: AttachmentID, _ fields: [RedisValue]) -> Attachment? {
        guard let type = fields[0].string.flatMap({ ContentType(stored: $0) }), let name = fields[1].string,
            let size = fields[2].int, size >= 0
        else { return nil }
        return Attachment(id: id, type: type, name: name, size: size)
    }

    public func read(_ attachment: Attachment, range: Range<Int>) -> EventLoopFuture<ByteBuffer?> {
        guard !range.isEmpty else { return self.eventLoop.makeSucceededFuture(ByteBuffer()) }
        let data = self.keys.attachment(attachment.id)
        return self.eventLoop.flatSubmit {
            let (first, last) = (RedisArgument(range.lowerBound), RedisArgument(range.upperBound - 1))
            return self.link.value.send(["GETRANGE", RedisArgument(data), first, last])
                .reading("GETRANGE of an attachment") { reply in
                    guard let bytes = reply.bytes else { return nil }
                    // Shorter than asked for: it went meanwhile.
                    return Optional(bytes.readableBytes == range.count ? bytes : nil)
                }
        }
    }
}
