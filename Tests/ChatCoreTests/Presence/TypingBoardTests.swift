import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct TypingBoardTests {
    private var board = TypingBoard()
    private let place: TypingBoard.Place
    private let start = NIODeadline.now()

    init() throws {
        place = TypingBoard.Place(room: try #require(RoomName("r")), user: try #require(UserID("ann")))
    }

    private func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    /// What is told at a time, as `on` and `off`.
    private mutating func told(at milliseconds: Int64) -> [String] {
        board.takeNews(now: at(milliseconds)).map { $0.isOn ? "on" : "off" }
    }

    @Test mutating func isToldOnceAndEndsByItself() {
        board.set(place, isOn: true, now: at(0))
        #expect(told(at: 0) == ["on"])
        #expect(told(at: 100) == [])
        #expect(told(at: 5_900) == [])
        #expect(told(at: 6_000) == ["off"])
        #expect(told(at: 6_100) == [])
        #expect(told(at: 6_600) == [])
        #expect(board.isEmpty)
    }

    @Test mutating func isToldAgainWhileItGoesOn() {
        for step in 0..<40 {
            board.set(place, isOn: true, now: at(Int64(step) * 250))
            _ = step == 0 ? told(at: 0) : []
        }
        #expect(told(at: 9_800) == ["on"])
        #expect(told(at: 12_000) == [])
        #expect(told(at: 15_750) == ["off"])
    }

    @Test mutating func goingOnAndOffIsToldTwiceASecondAtMost() {
        var count = 0
        for step in 0..<200 {
            board.set(place, isOn: step.isMultiple(of: 2), now: at(Int64(step) * 10))
            count += told(at: Int64(step) * 10).count
        }
        #expect(count <= 5)
        // What was said last is what is told in the end.
        _ = told(at: 2_600)
        _ = told(at: 3_200)
        #expect(told(at: 3_800) == [] && board.isEmpty)
    }

    @Test mutating func endingWhatNobodyBeganTellsNothing() {
        board.set(place, isOn: false, now: at(0))
        #expect(told(at: 0) == [] && board.isEmpty)
    }

    @Test mutating func theNumberOfTypistsIsBounded() throws {
        for number in 0..<3_000 {
            let user = try #require(UserID("u\(number)"))
            board.set(TypingBoard.Place(room: place.room, user: user), isOn: true, now: at(0))
        }
        #expect(told(at: 0).count == 2_000)
    }
}
