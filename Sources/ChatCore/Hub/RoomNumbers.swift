/// Small numbers for the rooms that are open, given again once a room is closed. What is kept by them is an array: to find it
/// there costs less than to look for a name, which each message would do.
struct RoomNumbers {
    private var free: [Int] = []
    private var count = 0

    /// One that no open room has.
    mutating func take() -> Int {
        if let number = self.free.popLast() { return number }
        defer { self.count += 1 }
        return self.count
    }

    /// The room is closed: another one may get the number.
    mutating func giveBack(_ number: Int) {
        self.free.append(number)
    }
}
