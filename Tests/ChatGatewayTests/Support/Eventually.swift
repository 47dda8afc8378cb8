/// A condition did not become true in time.
struct ConditionTimedOut: Error {
    var what: String
}

/// Waits until `condition` holds, looking every few milliseconds.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now > end { throw ConditionTimedOut(what: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}
