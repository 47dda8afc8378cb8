/// A condition did not become true in time.
public struct ConditionTimedOut: Error, CustomStringConvertible {
    public var what: String
    public var description: String { "waited in vain until: \(what)" }
}

/// Waits until `condition` holds, looking every few milliseconds.
///
/// - Throws: ``ConditionTimedOut`` after `limit`, or what `condition` throws.
public func eventually(
    _ what: String,
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now > end { throw ConditionTimedOut(what: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}
