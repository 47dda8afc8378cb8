import NIOCore
import Testing

@testable import ChatCore

@Suite struct RoundsTests {
    private let start = NIODeadline.now()

    private func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    @Test func everyElementHasItsTurnOnceARound() {
        var rounds = Rounds<Int>(interval: .seconds(5), step: .milliseconds(100), perStep: 3, now: start)
        #expect(rounds.next(now: at(4_999), all: 0..<8) == [])
        #expect(rounds.next(now: at(5_000), all: 0..<8) == [0, 1, 2])
        #expect(rounds.next(now: at(5_099), all: 100..<200) == [])
        #expect(rounds.next(now: at(5_100), all: 100..<200) == [3, 4, 5])
        #expect(rounds.next(now: at(5_200), all: 100..<200) == [6, 7])
        // The next round begins an interval after this one began, with what there is then.
        #expect(rounds.next(now: at(9_999), all: 10..<12) == [])
        #expect(rounds.next(now: at(10_000), all: 10..<12) == [10, 11])
    }

    @Test func neverMoreAtOnceThanAllowed() {
        var rounds = Rounds<Int>(interval: .zero, step: .milliseconds(100), perStep: 20, now: start)
        for tick in 0..<100 { #expect(rounds.next(now: at(Int64(tick) * 100), all: 0..<1_234).count <= 20) }
    }

    @Test func withoutElementsThereIsNothingToDo() {
        var rounds = Rounds<Int>(interval: .seconds(1), step: .zero, perStep: 3, now: start)
        #expect(rounds.next(now: at(1_000), all: []) == [])
        #expect(rounds.next(now: at(2_000), all: [1]) == [1])
    }
}
