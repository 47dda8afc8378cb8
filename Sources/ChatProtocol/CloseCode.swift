/// Why the server closes a connection: the registered codes of RFC 6455, section 7.4.1, and our own.
public enum CloseCode: UInt16, Sendable {
    case normal = 1000
    /// The node drains; connect again, to any node.
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidUTF8 = 1007
    case tooLarge = 1009
    case internalError = 1011
    /// Not a `hello` first, or too many bad frames.
    case badFrames = 4400
    case unauthorized = 4401
    case banned = 4403
    /// No `hello` in time, or two pings unanswered.
    case timedOut = 4408
    case slowConsumer = 4410
    case tooFast = 4429
}
