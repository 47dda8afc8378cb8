import ChatCore
import ChatProtocol
import NIOCore

/// Records what a session sends, as the peer would read it.
final class FakeOutput: SessionOutput {
    private(set) var messages: [(text: String, isEphemeral: Bool)] = []
    private(set) var closes: [(code: CloseCode, reason: String)] = []
    private(set) var pings = 0
    private(set) var flushes = 0

    /// Called for each write, before it is recorded: an output may find that its peer reads too slowly.
    var onWrite: (() -> Void)?

    func write(_ frames: ByteBuffer, ephemeral: Bool) {
        guard closes.isEmpty else { return }
        onWrite?()
        var bytes = frames
        while let text = Self.readTextFrame(&bytes) { messages.append((text, ephemeral)) }
    }

    func flush() { flushes += 1 }

    func close(_ code: CloseCode, reason: String) { closes.append((code, reason)) }

    func ping() { pings += 1 }

    /// RFC 6455, section 5.2, as far as a server's text frames need it.
    private static func readTextFrame(_ bytes: inout ByteBuffer) -> String? {
        guard bytes.readInteger(as: UInt8.self) == 0x81, let short = bytes.readInteger(as: UInt8.self) else {
            return nil
        }
        let length: Int? =
            switch short {
            case 126: bytes.readInteger(as: UInt16.self).map { Int($0) }
            case 127: bytes.readInteger(as: UInt64.self).map { Int($0) }
            default: Int(short)
            }
        return length.flatMap { bytes.readString(length: $0) }
    }
}
