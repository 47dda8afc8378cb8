/// Bytes that never show up in a log or a message.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    var description: String { "<secret>" }
    var debugDescription: String { description }
    // Without it `dump` and string interpolation of an enclosing struct would show the bytes.
    var customMirror: Mirror { Mirror(self, children: []) }
}
