/// Go on under a younger token of the same user.
public struct Refresh: Sendable {
    public var token: String

    public init(token: String) {
        self.token = token
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.token = try fields.string("token")
    }
}
