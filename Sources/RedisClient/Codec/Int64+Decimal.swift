extension Int64 {
    /// How many characters the number has in decimal, its sign included.
    var decimalCount: Int {
        var (count, rest) = (self < 0 ? 2 : 1, self.magnitude)
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }
}
