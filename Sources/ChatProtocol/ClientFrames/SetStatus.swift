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
        guard given.utf8.count <= Limits.statusTextBytes else {
            throw FrameError(.tooLarge, "'text' may have \(Limits.statusTextBytes) bytes at most")
        }
        guard given.unicodeScalars.allSatisfy({ !Self.isControl($0) }) else {
            throw FrameError(.badFrame, "'text' of a status is one line without control characters")
        }
        let text = given.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        if !text.isEmpty { self.status.text = String(text) }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
