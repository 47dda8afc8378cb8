import TestSupport
import Testing

@testable import ChatCore

@Suite struct PostSequenceTests {
    private var sequence = PostSequence<String>()

    private mutating func add(_ number: UInt64, _ post: String? = nil, bytes: Int = 1) -> String {
        switch sequence.add(post ?? "\(number)", number: number, bytes: bytes) {
        case .deliver(let posts): posts.joined(separator: " ")
        case .held(let superseded): superseded.map { "instead of \($0)" } ?? "held"
        case .isRepeat: "repeat"
        case .refused: "refused"
        }
    }

    @Test mutating func restoresTheOrder() {
        #expect(add(1) == "1")
        #expect(add(3) == "held")
        #expect(add(4) == "held")
        #expect(add(6) == "held")
        #expect(add(2) == "2 3 4")
        #expect(add(5) == "5 6")
        #expect(add(7) == "7")
    }

    @Test mutating func dropsRepeats() {
        #expect(add(1) == "1")
        #expect(add(1) == "repeat")
        #expect(add(3, "first") == "held")
        #expect(add(3, "again") == "instead of first")
        #expect(add(2) == "2 again")
        #expect(add(3) == "repeat")
        #expect(add(0) == "repeat")
    }

    @Test mutating func boundsWhatWaits() {
        #expect(add(33) == "refused")
        #expect(add(32) == "held")
        #expect(add(.max) == "refused")
        #expect(add(2, bytes: 1 << 20) == "refused")
        #expect(add(2, bytes: (1 << 20) - 1) == "held")
        #expect(add(3) == "refused")
        #expect(add(2, "smaller", bytes: 2) == "instead of 2")
        #expect(add(3) == "held")
        #expect(sequence.giveUp().sorted() == ["3", "32", "smaller"])
        #expect(add(3, bytes: (1 << 20)) == "held")
    }

    /// Any order and any repetitions within the window: each once, in order.
    @Test func anyOrderComesOutRight() {
        for seed in UInt64(0)..<200 {
            var random = SeededGenerator(seed: seed)
            var sequence = PostSequence<UInt64>()
            var delivered: [UInt64] = []
            while delivered.count < 100 {
                let number = UInt64(max(1, delivered.count - 3)) + UInt64.random(in: 0..<45, using: &random)
                if case .deliver(let posts) = sequence.add(number, number: number, bytes: 100) { delivered += posts }
            }
            #expect(delivered == (1...UInt64(delivered.count)).map { $0 }, "seed \(seed)")
        }
    }
}
