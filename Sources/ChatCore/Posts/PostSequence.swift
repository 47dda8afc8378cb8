/// Restores the order of a fallback session's numbered posts, which may come by different nodes and more than once.
///
/// A value without I/O. Bounded by numbers ahead and by bytes.
public struct PostSequence<Post> {
    public enum Outcome {
        /// These are next, in order; the one just added is among them.
        case deliver([Post])
        /// It waits for earlier ones. What waited under its number before is given up.
        case held(superseded: Post?)
        /// Its number was delivered before.
        case isRepeat
        /// Too far ahead, or too much is waiting.
        case refused
    }

    /// How many numbers behind the next one may wait.
    public static var window: UInt64 { 32 }
    /// Bytes that may wait.
    public static var byteLimit: Int { 1 << 20 }

    private var next: UInt64 = 1
    private var held: [UInt64: (post: Post, bytes: Int)] = [:]
    private var bytes = 0

    public init() {}

    public mutating func add(_ post: Post, number: UInt64, bytes: Int) -> Outcome {
        guard number >= self.next else { return .isRepeat }
        guard number == self.next else { return self.hold(post, number: number, bytes: bytes) }
        self.next += 1
        _ = self.take(number)
        var ready = [post]
        while let following = self.take(self.next) {
            ready.append(following)
            self.next += 1
        }
        return .deliver(ready)
    }

    /// All that waits; nothing will come of it.
    public mutating func giveUp() -> [Post] {
        defer {
            self.held = [:]
            self.bytes = 0
        }
        return self.held.values.map(\.post)
    }

    private mutating func hold(_ post: Post, number: UInt64, bytes: Int) -> Outcome {
        let before = self.held[number]
        guard number - self.next < Self.window, self.bytes - (before?.bytes ?? 0) + bytes <= Self.byteLimit else {
            return .refused
        }
        _ = self.take(number)
        self.held[number] = (post, bytes)
        self.bytes += bytes
        return .held(superseded: before?.post)
    }

    private mutating func take(_ number: UInt64) -> Post? {
        guard let waiting = self.held.removeValue(forKey: number) else { return nil }
        self.bytes -= waiting.bytes
        return waiting.post
    }
}

extension PostSequence: Sendable where Post: Sendable {}
