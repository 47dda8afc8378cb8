/// A line of a Redis server's log: `123:M 21 Nov 2026 06:16:00.123 # text`.
struct RedisLogLine {
    let text: String
    /// Whether Redis marked it with `#`: what an operator should see, but also its own start and stop.
    let isWarning: Bool

    init(_ line: String) {
        // "123:M", day, month, year, time, mark, text.
        let parts = line.split(separator: " ", maxSplits: 6)
        guard parts.count == 7, parts[0].contains(":"), ["#", "*", "-", "."].contains(parts[5]) else {
            text = line
            isWarning = false
            return
        }
        text = String(parts[6])
        isWarning = parts[5] == "#"
    }
}
