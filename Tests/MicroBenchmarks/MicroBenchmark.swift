/// One hot piece, done again and again.
struct MicroBenchmark {
    let name: String
    /// Does it so often; what it needs is made before, so that only the piece itself is measured.
    let run: (_ iterations: Int) throws -> Void

    /// Nanoseconds for each time, the best of several runs: what is above is somebody else's.
    func time(seconds: Duration = .milliseconds(100)) throws -> Double {
        let clock = ContinuousClock()
        var iterations = 16
        while try clock.measure({ try self.run(iterations) }) < seconds { iterations *= 2 }
        var best = Duration.seconds(3600)
        for _ in 0..<5 {
            best = min(best, try clock.measure { try self.run(iterations) })
        }
        return best / .nanoseconds(iterations)
    }
}

/// Keeps the optimizer from leaving out what nobody uses.
@inline(never)
func use<Value>(_ value: Value) {
    withExtendedLifetime(value) {}
}
