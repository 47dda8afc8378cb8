public import ChatProtocol
public import NIOCore

/// Where attachments' bytes are kept. May be called from any thread; futures complete on whichever event loop.
public protocol Attachments: Sendable {
    /// Keeps the bytes for some minutes: long enough for a message that carries them, with which they then stay.
    func store(_ bytes: ByteBuffer, of attachment: Attachment) -> EventLoopFuture<Void>

    /// Forgets bytes that no message carries.
    func discard(_ id: AttachmentID)

    /// What is known of an attachment; `nil` when it is no more.
    func find(_ id: AttachmentID) -> EventLoopFuture<Attachment?>

    /// Who may come to a room: for one that is not public the id of an attachment is not enough.
    func access(to room: RoomName) -> EventLoopFuture<RoomAccess>

    /// A part of an attachment's bytes; `nil` when it is no more.
    func read(_ attachment: Attachment, range: Range<Int>) -> EventLoopFuture<ByteBuffer?>
}

/// Gives and checks links to attachments that not everybody may read.
public protocol AttachmentLinks: Sendable {
    /// A link that works for everybody who has it, for a while: a path with a query, without characters that JSON or HTML
    /// escape.
    ///
    /// - Parameter now: milliseconds since the Unix epoch.
    func url(of id: AttachmentID, now: Int64) -> String

    /// Whether this is what ``url(of:now:)`` gave, and not too long ago.
    func isValid(_ id: AttachmentID, expires: String?, signature: String?, now: Int64) -> Bool
}

/// What the sessions of a loop need for attachments.
public struct SessionAttachments: Sendable {
    public var store: any Attachments
    public var links: any AttachmentLinks

    public init(store: any Attachments, links: any AttachmentLinks) {
        self.store = store
        self.links = links
    }
}
