/// The bounds a node sets for its clients; `welcome.limits` tells them by these names.
public struct Limits: Sendable, Equatable {
    /// Bytes of one frame from a client.
    public var frameBytes: Int
    /// Bytes of `text` in UTF-8.
    public var textBytes: Int
    /// Rooms that one session may be in.
    public var rooms: Int
    /// Entries or members in one page.
    public var page: Int
    /// Frames that a session may send at once.
    public var burst: Int
    /// Frames a second that a session may send in the long run; 0: no limit.
    public var framesPerSecond: Int

    /// Bytes of one attachment; 0: none are taken.
    public var attachmentBytes: Int

    public init(
        frameBytes: Int = 65_536,
        textBytes: Int = 4_096,
        rooms: Int = 100,
        page: Int = 200,
        burst: Int = 20,
        framesPerSecond: Int = 100,
        attachmentBytes: Int = 1 << 20
    ) {
        self.frameBytes = frameBytes
        self.textBytes = textBytes
        self.rooms = rooms
        self.page = page
        self.burst = burst
        self.framesPerSecond = framesPerSecond
        self.attachmentBytes = attachmentBytes
    }

    /// Bytes of one frame to a client; lists are cut to it.
    public static let serverFrameBytes = 256 * 1024
    /// Attachments that a session may send at once; one a second in the long run.
    public static let attachmentBurst = 20
    /// Recovery is whole or not at all beyond this many entries …
    public static let recoveryEntries = 500
    /// … or this many bytes of entries: what fits into a frame beside the members.
    public static let recoveryBytes = serverFrameBytes - 32 * 1024
    /// Members listed in `joined`.
    public static let joinedMembers = 100
    /// Acts of moderation of a session at once …
    public static let moderationBurst = 20
    /// … and in the long run.
    public static let moderationsPerSecond = 5
    /// Users whom one message can mention.
    public static let mentions = 10
    /// Bytes of a status's text in UTF-8.
    public static let statusTextBytes = 256
    /// Bytes of a room's topic in UTF-8.
    public static let topicBytes = 512
    /// Bytes of the reason of a kick, a ban or a mute in UTF-8.
    public static let reasonBytes = 256
    /// Milliseconds for which somebody may be banned or muted, unless it is for good: ten years.
    public static let sanction: Int64 = 315_360_000_000
    /// Milliseconds that a room may set between two messages of a member: six hours.
    public static let slowMode: Int64 = 21_600_000
    /// Frames that wait for `welcome`.
    public static let waitingFrames = 32
    /// A bad frame gets an error; this many within a minute close the session.
    public static let badFramesPerMinute = 10
    /// The latest entries that `joined` has when nothing else is asked.
    public static let defaultHistory = 50
}
