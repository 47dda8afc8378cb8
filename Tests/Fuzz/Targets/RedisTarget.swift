import NIOCore

@testable import RedisClient

extension FuzzTarget {
    /// What a hostile Redis answers, in pieces whose size the first byte says; then the same in one piece.
    @Sendable static func resp(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let first = bytes.first else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        let whole = Self.replies(rest, pieces: max(1, rest.count))
        let cut = Self.replies(rest, pieces: 1 + Int(first) % 64)
        if (whole + cut).contains(Self.sharedOtherBytes) { return Self.sharedOtherBytes }
        return whole == cut ? nil : "in pieces it is something else: \(whole) \(cut)"
    }

    private static let sharedOtherBytes = "other bytes are shared than are shown"

    private static func replies(_ bytes: UnsafeRawBufferPointer, pieces size: Int) -> [String] {
        // Far below what a link takes, so that a bound that does not hold is met early.
        guard let reader = ReplyReader(limits: ReplyLimits(bytes: 1 << 20, elements: 1_000, depth: 5)) else {
            return []
        }
        var found: [String] = []
        do throws(RedisError) {
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                while try reader.next({ reply throws(RedisError) in found.append(Self.describe(reply)) }) {}
                reader.endRead()
            }
        } catch {
            found.append("error")
        }
        return found
    }

    private static func sharesWhatItShows(_ reply: ReplyView) -> Bool {
        reply.shared == ByteBuffer(bytes: reply.bytes)
            && (0..<reply.count).allSatisfy { reply[$0].map(Self.sharesWhatItShows) ?? false }
    }

    /// The reply in all the ways that links look at one.
    private static func describe(_ reply: ReplyView) -> String {
        _ = PushKind(reply.bytes)
        _ = reply[0]?.bytes.count
        _ = reply[reply.count]
        _ = reply[-1]
        if reply.isError { _ = RedisServerError(line: reply.text) }
        if !Self.sharesWhatItShows(reply) { return Self.sharedOtherBytes }
        let value = reply.value()
        _ = value.string
        _ = value.int
        return "\(value)"
    }
}
