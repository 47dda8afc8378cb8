/// The codes of `error` frames.
public enum ErrorCode: String, Sendable {
    case badFrame = "bad_frame"
    case badRoom = "bad_room"
    case badName = "bad_name"
    case nameTaken = "name_taken"
    case unauthorized
    case forbidden
    case notMember = "not_member"
    case notFound = "not_found"
    case tooLarge = "too_large"
    case tooMany = "too_many"
    case rateLimited = "rate_limited"
    case unavailable
    case unsupported
}

/// Why a frame was refused. The session lives on.
public struct FrameError: Error, Sendable, Equatable {
    public var code: ErrorCode
    /// A sentence for the developer of the client.
    public var message: String
    /// Milliseconds after which the same frame may be accepted.
    public var retryAfter: Int64?

    public init(_ code: ErrorCode, _ message: String, retryAfter: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}
