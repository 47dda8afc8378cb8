/// Be shown as online, away or busy, with a line of one's own or without.
public struct SetStatus: Sendable {
    public var status: UserStatus

    public init(status: UserStatus) {
        self.status = status
    }

    /// A text is one line: control characters are refused, space around it is dropped, an empty one is none.
    public init(_ fields: FrameFields) throws(FrameError) {
        guard let kind = UserStatus.Kind(rawValue: try fields.string("status")) else {
            let kinds = UserStatus.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw FrameError(.badFrame, "'status' must be one of \(kinds)")
        }
        self.status = UserStatus(kind)
        guard let given = try fields.optionalString("text") else { return }
        self.status.text = try OneLine.trimmed(given, bytes: Limits.statusTextBytes, field: "text")
    }
}
