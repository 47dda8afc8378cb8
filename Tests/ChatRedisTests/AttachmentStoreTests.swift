import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Attachments' bytes: loose until an entry carries them, and gone with it.
@Suite struct AttachmentStoreTests {
    private func attachment(_ size: Int, in name: String = "lobby") throws -> ChatProtocol.Attachment {
        ChatProtocol.Attachment(id: AttachmentID(in: try room(name)), type: .text, name: "ä \"b\".txt", size: size)
    }

    private func store(_ attachment: ChatProtocol.Attachment, _ stores: StoresOnLoop) async throws {
        let bytes = ByteBuffer(string: String(repeating: "x", count: attachment.size))
        try await stores.wait { $0.attachments.store(bytes, of: attachment) }
    }

    @discardableResult
    private func send(
        _ attachment: ChatProtocol.Attachment, _ stores: StoresOnLoop, key: String? = nil
    ) async throws -> UInt64 {
        let (author, id) = (try user("ann"), attachment.id)
        let body = ByteBuffer(
            string: #""type":"message","room":"\#(id.room)","from":{"id":"ann","name":"ann"},"text":"","#
                + #""attachment":{"id":"\#(id)"}}"#)
        let request = AppendRequest(
            room: id.room, author: author, body: body, key: key, known: nil, attachment: attachment)
        return try await stores.wait { $0.append(request) }.position.offset
    }

    private func isKept(_ attachment: ChatProtocol.Attachment, _ stores: StoresOnLoop) async throws -> Bool {
        let found = try await stores.wait { $0.attachments.find(attachment.id) }
        let read = try await stores.wait { $0.attachments.read(attachment, range: 0..<attachment.size) }
        #expect((found == nil) == (read == nil))
        return found != nil
    }

    private func bytes(_ stores: StoresOnLoop) async throws -> Int? {
        try await stores.send("HGET", "t:room:{lobby}:meta", "attachmentBytes").int
    }

    @Test func partsAreRead() async throws {
        try await withStores { stores in
            let file = try self.attachment(10)
            try await stores.wait { $0.attachments.store(ByteBuffer(string: "0123456789"), of: file) }
            #expect(try await stores.wait { $0.attachments.find(file.id) } == file)
            for range in [0..<10, 3..<5, 9..<10, 4..<4] {
                let read = try await stores.wait { $0.attachments.read(file, range: range) }
                let expected = "0123456789".dropFirst(range.lowerBound).prefix(range.count)
                #expect(read.map { String(buffer: $0) } == String(expected))
            }
            let other = try self.attachment(10)
            #expect(try await stores.wait { $0.attachments.find(other.id) } == nil)
            #expect(try await stores.wait { $0.attachments.read(other, range: 0..<3) } == nil)
            stores.attachments.discard(file.id)
            try await eventually("it is gone") { try await !self.isKept(file, stores) }
        }
    }

    @Test func whatNoEntryCarriesEnds() async throws {
        try await withStores { stores in
            let file = try self.attachment(3)
            try await self.store(file, stores)
            let keys = try await stores.texts("KEYS", "*attachment*")
            #expect(keys.count == 2)
            for key in keys { #expect((1...60_000).contains(try await stores.send("PTTL", .init(key)).int ?? 0)) }
            try await self.send(file, stores)
            for key in keys { #expect(try await stores.send("PTTL", .init(key)).int == -1) }
            #expect(try await self.bytes(stores) == 3)
        }
    }

    @Test func anEntryWhoseAttachmentIsGoneIsNotStored() async throws {
        try await withStores { stores in
            let file = try self.attachment(3)
            await #expect(throws: StoreError.self) { try await self.send(file, stores) }
            #expect(try await stores.latest(try room()).head.offset == 0)
        }
    }

    @Test func aDeletionTakesItAlong() async throws {
        try await withStores { stores in
            let (file, other) = (try self.attachment(3), try self.attachment(5))
            for file in [file, other] { try await self.store(file, stores) }
            let offset = try await self.send(file, stores)
            try await self.send(other, stores)
            let (lobby, author) = (try room(), try user("ann"))
            let body = ChangeBody.encode(
                Delete(room: lobby, target: offset), author: Author(author, name: try name("ann")))
            try await stores.wait {
                $0.log.change(
                    ChangeRequest(
                        room: lobby, author: author, kind: .delete, target: offset, body: body, mayChangeOthers: false,
                        known: nil))
            }
            #expect(try await !self.isKept(file, stores))
            #expect(try await self.isKept(other, stores))
            #expect(try await self.bytes(stores) == 5)
        }
    }

    @Test func itLivesAsLongAsItsEntry() async throws {
        var settings = RedisStoreSettings()
        settings.retention = 10
        try await withStores(settings: settings) { stores in
            let lobby = try room()
            var files: [(UInt64, ChatProtocol.Attachment)] = []
            for number in 0..<40 {
                if number.isMultiple(of: 3) {
                    let file = try self.attachment(number + 1)
                    try await self.store(file, stores)
                    files.append((try await self.send(file, stores), file))
                } else {
                    try await stores.append("\(number)", to: lobby)
                }
                let kept = Set(try await stores.latest(lobby).entries.map(\.offset))
                for (offset, file) in files { #expect(try await self.isKept(file, stores) == kept.contains(offset)) }
                let sum = files.filter { kept.contains($0.0) }.reduce(0) { $0 + $1.1.size }
                #expect(try await self.bytes(stores) == sum)
            }
        }
    }

    @Test func aRoomHasBoundedBytes() async throws {
        var settings = RedisStoreSettings()
        settings.attachmentsPerRoom = 10
        try await withStores(settings: settings) { stores in
            for (size, fits) in [(6, true), (5, false), (4, true), (1, false), (0, true)] {
                let file = try self.attachment(size)
                try await self.store(file, stores)
                if fits {
                    try await self.send(file, stores)
                } else {
                    let error = await #expect(throws: StoreError.self) { try await self.send(file, stores) }
                    guard case .tooManyAttachments? = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                }
            }
            let elsewhere = try self.attachment(10, in: "garden")
            try await self.store(elsewhere, stores)
            try await self.send(elsewhere, stores)
        }
    }

    @Test func aRepeatedKeyKeepsWhatTheFirstOneHad() async throws {
        try await withStores { stores in
            let (first, second) = (try self.attachment(3), try self.attachment(4))
            for file in [first, second] { try await self.store(file, stores) }
            #expect(try await self.send(first, stores, key: "k") == 1)
            #expect(try await self.send(second, stores, key: "k") == 1)
            #expect(try await self.bytes(stores) == 3)
            let left = try await stores.send("PTTL", .init(stores.keys.attachment(second.id))).int ?? 0
            #expect(left > 0)
        }
    }

    @Test func aRoomThatStartsAnewForgetsThem() async throws {
        for opens in [true, false] {
            try await withStores { stores in
                let file = try self.attachment(3)
                try await self.store(file, stores)
                try await self.send(file, stores)
                try await stores.send("DEL", "t:room:{lobby}:meta")
                if opens {
                    _ = try await stores.latest(try room())
                } else {
                    try await stores.append("x", to: try room())
                }
                #expect(try await !self.isKept(file, stores))
                #expect(try await stores.texts("KEYS", "*attachment*").isEmpty)
            }
        }
    }
}
